namespace Seal.Models.Benchmarks;

/// <summary>
/// The arithmetic of <see cref="LibtorchStep"/> in TorchScript: no call into C# between two operations, and operators that TorchSharp
/// does not name (flash attention's backward pass, the fused AdamW). dtype 6 is float32 in all of it.
/// </summary>
internal static class LibtorchScript
{
    public const string Text = """
        def normed(x: Tensor, gain: Tensor, eps: float):
            inverse = x.to(6).square().mean([1], True).add_(eps).rsqrt_().type_as(x)
            hat = x * inverse
            return hat * gain, hat, inverse

        # dx += inverse (u - hat mean(u hat)), u = dy gain
        def normed_backward(dy: Tensor, gain: Tensor, hat: Tensor, inverse: Tensor, dx: Tensor):
            u = dy * gain
            u.addcmul_(hat, (u * hat).mean([1], True), value=-1)
            dx.addcmul_(u, inverse)

        def rotate(x: Tensor, cos: Tensor, sin: Tensor, sign: float, y: Tensor):
            a, b = x.chunk(2, -1)
            u = (a * cos).addcmul_(b, sin, value=-sign)
            v = (b * cos).addcmul_(a, sin, value=sign)
            torch.cat([u, v], -1, out=y)

        # [T, heads x d] as [1, heads, T, d], kv heads repeated
        def by_head(x: Tensor, heads: int, repeat: int) -> Tensor:
            y = x.view([x.size(0), heads, -1])
            if repeat > 1:
                y = y.repeat_interleave(repeat, 1, output_size=heads * repeat)
            return y.transpose(0, 1).unsqueeze(0)

        # x is the residual stream, added to in place
        def layer(x: Tensor, gain1: Tensor, gain2: Tensor, w_qkv: Tensor, w_o: Tensor, w_gu: Tensor, w_down: Tensor,
                  a_qkv: Tensor, b_q: Tensor, b_k: Tensor, b_v: Tensor, a_o: Tensor, b_o: Tensor,
                  a_gu: Tensor, b_g: Tensor, b_u: Tensor, a_down: Tensor, b_down: Tensor,
                  cos: Tensor, sin: Tensor, heads: int, kv: int, scale: float, eps: float):
            r = b_q.size(1)
            nq = b_q.size(0)
            nk = b_k.size(0)
            h1, hat1, inverse1 = normed(x, gain1, eps)
            qkv = torch.mm(h1, w_qkv.t())
            z_qkv = torch.mm(h1, a_qkv.t()).mul_(scale)
            qkv[:, :nq].addmm_(z_qkv[:, :r], b_q.t())
            qkv[:, nq:nq + nk].addmm_(z_qkv[:, r:2 * r], b_k.t())
            qkv[:, nq + nk:].addmm_(z_qkv[:, 2 * r:], b_v.t())
            turned = torch.empty_like(qkv[:, :nq + nk].unflatten(1, [heads + kv, -1]), memory_format=0)
            rotate(qkv[:, :nq + nk].unflatten(1, [heads + kv, -1]), cos, sin, 1.0, turned)
            q = turned[:, :heads].transpose(0, 1).unsqueeze(0)
            k = by_head(turned[:, heads:], kv, heads // kv)
            v = by_head(qkv[:, nq + nk:], kv, heads // kv)
            attended, lse = torch._scaled_dot_product_flash_attention_for_cpu(q, k, v, 0.0, True)
            flat = attended.transpose(1, 2).reshape([x.size(0), nq])
            z_o = torch.mm(flat, a_o.t()).mul_(scale)
            x.addmm_(flat, w_o.t()).addmm_(z_o, b_o.t())
            h2, hat2, inverse2 = normed(x, gain2, eps)
            gu = torch.mm(h2, w_gu.t())
            z_gu = torch.mm(h2, a_gu.t()).mul_(scale)
            n = b_g.size(0)
            gu[:, :n].addmm_(z_gu[:, :r], b_g.t())
            gu[:, n:].addmm_(z_gu[:, r:], b_u.t())
            silu = torch.silu(gu[:, :n])
            gated = silu * gu[:, n:]
            z_down = torch.mm(gated, a_down.t()).mul_(scale)
            x.addmm_(gated, w_down.t()).addmm_(z_down, b_down.t())
            return [h1, hat1, inverse1, z_qkv, q, k, v, attended, lse, z_o, h2, hat2, inverse2, z_gu, gu, silu, gated, z_down]

        # dx is the gradient of the residual stream, added to in place; gradients of the adapter are written
        def layer_backward(dx: Tensor, gain1: Tensor, gain2: Tensor, w_qkv: Tensor, w_o: Tensor, w_gu: Tensor, w_down: Tensor,
                           a_qkv: Tensor, b_q: Tensor, b_k: Tensor, b_v: Tensor, a_o: Tensor, b_o: Tensor,
                           a_gu: Tensor, b_g: Tensor, b_u: Tensor, a_down: Tensor, b_down: Tensor,
                           da_qkv: Tensor, db_q: Tensor, db_k: Tensor, db_v: Tensor, da_o: Tensor, db_o: Tensor,
                           da_gu: Tensor, db_g: Tensor, db_u: Tensor, da_down: Tensor, db_down: Tensor,
                           h1: Tensor, hat1: Tensor, inverse1: Tensor, z_qkv: Tensor, q: Tensor, k: Tensor, v: Tensor,
                           attended: Tensor, lse: Tensor, z_o: Tensor, h2: Tensor, hat2: Tensor, inverse2: Tensor, z_gu: Tensor,
                           gu: Tensor, silu: Tensor, gated: Tensor, z_down: Tensor,
                           cos: Tensor, sin: Tensor, heads: int, kv: int, scale: float, lowest: bool):
            r = b_q.size(1)
            nq = b_q.size(0)
            nk = b_k.size(0)
            n = b_g.size(0)
            rows = dx.size(0)

            dz = torch.mm(dx, b_down).mul_(scale)
            torch.mm(dx.t(), z_down, out=db_down)
            torch.mm(dz.t(), gated, out=da_down)
            d_gated = torch.mm(dx, w_down).addmm_(dz, a_down)
            d_gu = torch.empty_like(gu)
            torch.silu_backward(d_gated * gu[:, n:], gu[:, :n], grad_input=d_gu[:, :n])
            torch.mul(d_gated, silu, out=d_gu[:, n:])
            dz = torch.empty_like(z_gu)
            torch.mm(d_gu[:, :n], b_g, out=dz[:, :r])
            torch.mm(d_gu[:, n:], b_u, out=dz[:, r:])
            dz.mul_(scale)
            torch.mm(d_gu[:, :n].t(), z_gu[:, :r], out=db_g)
            torch.mm(d_gu[:, n:].t(), z_gu[:, r:], out=db_u)
            torch.mm(dz.t(), h2, out=da_gu)
            normed_backward(torch.mm(d_gu, w_gu).addmm_(dz, a_gu), gain2, hat2, inverse2, dx)

            dz = torch.mm(dx, b_o).mul_(scale)
            torch.mm(dx.t(), z_o, out=db_o)
            torch.mm(dz.t(), attended.transpose(1, 2).reshape([rows, nq]), out=da_o)
            d_flat = torch.mm(dx, w_o).addmm_(dz, a_o)
            dq, dk, dv = torch._scaled_dot_product_flash_attention_for_cpu_backward(
                by_head(d_flat, heads, 1), q, k, v, attended, lse, 0.0, True)
            d_qkv = torch.empty([rows, nq + 2 * nk], dtype=dx.dtype)
            d_k = dk[0].unflatten(0, [kv, -1]).sum([1]).transpose(0, 1)
            d_v = dv[0].unflatten(0, [kv, -1]).sum([1]).transpose(0, 1)
            by_token = d_qkv.unflatten(1, [heads + 2 * kv, -1])
            rotate(torch.cat([dq[0].transpose(0, 1), d_k], 1), cos, sin, -1.0, by_token[:, :heads + kv])
            by_token[:, heads + kv:].copy_(d_v)
            dz = torch.empty_like(z_qkv)
            torch.mm(d_qkv[:, :nq], b_q, out=dz[:, :r])
            torch.mm(d_qkv[:, nq:nq + nk], b_k, out=dz[:, r:2 * r])
            torch.mm(d_qkv[:, nq + nk:], b_v, out=dz[:, 2 * r:])
            dz.mul_(scale)
            torch.mm(d_qkv[:, :nq].t(), z_qkv[:, :r], out=db_q)
            torch.mm(d_qkv[:, nq:nq + nk].t(), z_qkv[:, r:2 * r], out=db_k)
            torch.mm(d_qkv[:, nq + nk:].t(), z_qkv[:, 2 * r:], out=db_v)
            torch.mm(dz.t(), h1, out=da_qkv)
            if not lowest:
                normed_backward(torch.mm(d_qkv, w_qkv).addmm_(dz, a_qkv), gain1, hat1, inverse1, dx)

        # Mean loss, and the gradient of the stream that enters the last norm. Logits become probabilities become their gradient in place.
        def head(x: Tensor, gain: Tensor, w: Tensor, targets: Tensor, eps: float, chunk: int):
            h, hat, inverse = normed(x, gain, eps)
            dh = torch.empty_like(h)
            rows = h.size(0)
            loss = torch.zeros([1])
            for start in range(0, rows, chunk):
                count = min(chunk, rows - start)
                p = torch.mm(h.narrow(0, start, count), w.t())
                torch._softmax(p, 1, False, out=p)
                t = targets.narrow(0, start, count).unsqueeze(1)
                loss.sub_(p.gather(1, t).to(6).log_().sum())
                p.scatter_add_(1, t, torch.full([count, 1], -1.0, dtype=p.dtype))
                torch.mm(p, w, out=dh.narrow(0, start, count))
            dh.div_(rows)
            dx = torch.zeros_like(x)
            normed_backward(dh, gain, hat, inverse, dx)
            return [loss.div_(rows), dx]

        # Clip by the global norm and AdamW in one pass (grad_scale divides); t is the step count. The tensors come in lists of one: what a
        # list made here holds, the compiler takes for unused, and leaves the update out.
        def update(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor], working: Tensor, raw: Tensor, mixed: bool,
                   lr: float, beta1: float, beta2: float, eps: float, decay: float, clip: float):
            if mixed:
                g[0].copy_(raw)
            norm = torch.linalg_vector_norm(g[0], 2.0, None, False, dtype=6)
            t[0].add_(1)
            torch._fused_adamw_(p, g, m, v, [], t, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps,
                                amsgrad=False, maximize=False, grad_scale=norm.add(1e-6).div_(clip).clamp_(min=1))
            if mixed:
                working.copy_(p[0])
            return norm

        """;
}
