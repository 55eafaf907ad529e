namespace Seal.Models.Benchmarks;

/// <summary>
/// The arithmetic of <see cref="LibtorchStep"/> in TorchScript: no call into C# between two operations, and operators that TorchSharp
/// does not name (the fused AdamW, results written into views). dtype 6 is float32 in all of it.
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

        # q [kv, heads / kv, T, d], already scaled; k, v [kv, T, d]; the heads of a kv head are rows of one product. Blocks of queries meet
        # the keys before their end. y [T, heads x d]; returns the probabilities of each block.
        def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor, y: Tensor) -> List[Tensor]:
            kv, share, rows, d = q.shape
            block = mask.size(0)
            to = y.view([rows, kv, share, d]).permute([1, 2, 0, 3])
            probabilities: List[Tensor] = []
            for s in range(0, rows, block):
                e = min(rows, s + block)
                p = torch.bmm(q[:, :, s:e].reshape([kv, share * (e - s), d]), k[:, :e].transpose(1, 2))
                p.view([kv, share, e - s, e])[:, :, :, s:].add_(mask[:e - s, :e - s])
                torch._softmax(p, 2, False, out=p)
                to[:, :, s:e] = torch.bmm(p, v[:, :e]).view([kv, share, e - s, d])
                probabilities.append(p)
            return probabilities

        def attend_backward(dy: Tensor, q: Tensor, k: Tensor, v: Tensor, probabilities: List[Tensor], block: int, scale: float):
            kv, share, rows, d = q.shape
            g_all = dy.view([rows, kv, share, d]).permute([1, 2, 0, 3])
            dq = torch.empty([kv, share, rows, d], dtype=q.dtype, device=q.device)
            dk = torch.zeros_like(k)
            dv = torch.zeros_like(v)
            for i in range(len(probabilities)):
                s = i * block
                e = min(rows, s + block)
                p = probabilities[i]
                g = g_all[:, :, s:e].reshape([kv, share * (e - s), d])
                dv[:, :e].baddbmm_(p.transpose(1, 2), g)
                dp = torch.bmm(g, v[:, :e].transpose(1, 2))
                torch._softmax_backward_data(dp, p, 2, p.dtype, grad_input=dp)
                dq[:, :, s:e] = torch.bmm(dp, k[:, :e]).view([kv, share, e - s, d])
                dk[:, :e].baddbmm_(dp.transpose(1, 2), q[:, :, s:e].reshape([kv, share * (e - s), d]))
            return dq.mul_(scale), dk, dv

        # The A of a linear are the last rows of its frozen matrix: one product gives x W^T and x A^T, and one [dy, dz] [W; A] the whole dx.
        def load(weights: List[Tensor], factors: List[Tensor]):
            for w, i in zip(weights, [0, 4, 6, 9]):
                a = factors[i]
                w[w.size(0) - a.size(0):].copy_(a)

        # x is the residual stream, added to in place. Returns what the backward pass reads.
        def layer(x: Tensor, gains: List[Tensor], weights: List[Tensor], factors: List[Tensor], rope: List[Tensor], mask: Tensor,
                  heads: int, kv: int, scale: float, eps: float) -> List[Tensor]:
            w_qkv, w_o, w_gu, w_down = weights
            _, b_q, b_k, b_v, _, b_o, _, b_g, b_u, _, b_down = factors
            nq, r = b_q.shape
            nk = b_k.size(0)
            n = b_g.size(0)
            rows = x.size(0)
            d = nq // heads

            h1, hat1, inverse1 = normed(x, gains[0], eps)
            qkv = torch.mm(h1, w_qkv.t())
            z_qkv = qkv[:, nq + 2 * nk:].mul_(scale)
            qkv[:, :nq].addmm_(z_qkv[:, :r], b_q.t())
            qkv[:, nq:nq + nk].addmm_(z_qkv[:, r:2 * r], b_k.t())
            qkv[:, nq + nk:nq + 2 * nk].addmm_(z_qkv[:, 2 * r:], b_v.t())
            turned = torch.empty([rows, heads + kv, d], dtype=x.dtype, device=x.device)
            rotate(qkv[:, :nq + nk].unflatten(1, [heads + kv, d]), rope[0], rope[1], 1.0, turned)
            q = turned[:, :heads].mul_(d ** -0.5).unflatten(1, [kv, -1]).permute([1, 2, 0, 3])
            k = turned[:, heads:].transpose(0, 1).contiguous()
            v = qkv[:, nq + nk:nq + 2 * nk].unflatten(1, [kv, d]).transpose(0, 1).contiguous()
            attended = torch.empty([rows, nq], dtype=x.dtype, device=x.device)
            probabilities = attend(q, k, v, mask, attended)
            y = torch.mm(attended, w_o.t())
            z_o = y[:, x.size(1):].mul_(scale)
            x.add_(y[:, :x.size(1)]).addmm_(z_o, b_o.t())

            h2, hat2, inverse2 = normed(x, gains[1], eps)
            gu = torch.mm(h2, w_gu.t())
            z_gu = gu[:, 2 * n:].mul_(scale)
            gu[:, :n].addmm_(z_gu[:, :r], b_g.t())
            gu[:, n:2 * n].addmm_(z_gu[:, r:], b_u.t())
            silu = torch.silu(gu[:, :n])
            gated = silu * gu[:, n:2 * n]
            y = torch.mm(gated, w_down.t())
            z_down = y[:, x.size(1):].mul_(scale)
            x.add_(y[:, :x.size(1)]).addmm_(z_down, b_down.t())
            return [h1, hat1, inverse1, z_qkv, q, k, v, attended, z_o, h2, hat2, inverse2, z_gu, gu, silu, gated, z_down] + probabilities

        # dx is the gradient of the residual stream, added to in place; the gradients of the factors are written, not added to.
        def layer_backward(dx: Tensor, gains: List[Tensor], weights: List[Tensor], factors: List[Tensor], gradients: List[Tensor],
                           saved: List[Tensor], rope: List[Tensor], block: int, heads: int, kv: int, scale: float, lowest: bool):
            w_qkv, w_o, w_gu, w_down = weights
            _, b_q, b_k, b_v, _, b_o, _, b_g, b_u, _, b_down = factors
            da_qkv, db_q, db_k, db_v, da_o, db_o, da_gu, db_g, db_u, da_down, db_down = gradients
            h1, hat1, inverse1, z_qkv, q, k, v, attended, z_o, h2, hat2, inverse2, z_gu, gu, silu, gated, z_down = saved[:17]
            nq, r = b_q.shape
            nk = b_k.size(0)
            n = b_g.size(0)
            rows = dx.size(0)

            dy = torch.empty([rows, w_down.size(0)], dtype=dx.dtype, device=dx.device)
            dz = dy[:, dx.size(1):]
            dy[:, :dx.size(1)] = dx
            torch.mm(dx, b_down, out=dz)
            dz.mul_(scale)
            torch.mm(dx.t(), z_down, out=db_down)
            torch.mm(dz.t(), gated, out=da_down)
            d_gated = torch.mm(dy, w_down)
            d_gu = torch.empty_like(gu)
            torch.mul(d_gated, silu, out=d_gu[:, n:2 * n])
            torch.silu_backward(d_gated.mul_(gu[:, n:2 * n]), gu[:, :n], grad_input=d_gu[:, :n])
            dz = d_gu[:, 2 * n:]
            torch.mm(d_gu[:, :n], b_g, out=dz[:, :r])
            torch.mm(d_gu[:, n:2 * n], b_u, out=dz[:, r:])
            dz.mul_(scale)
            torch.mm(d_gu[:, :n].t(), z_gu[:, :r], out=db_g)
            torch.mm(d_gu[:, n:2 * n].t(), z_gu[:, r:], out=db_u)
            torch.mm(dz.t(), h2, out=da_gu)
            normed_backward(torch.mm(d_gu, w_gu), gains[1], hat2, inverse2, dx)

            dy = torch.empty([rows, w_o.size(0)], dtype=dx.dtype, device=dx.device)
            dz = dy[:, dx.size(1):]
            dy[:, :dx.size(1)] = dx
            torch.mm(dx, b_o, out=dz)
            dz.mul_(scale)
            torch.mm(dx.t(), z_o, out=db_o)
            torch.mm(dz.t(), attended, out=da_o)
            dq, dk, dv = attend_backward(torch.mm(dy, w_o), q, k, v, saved[17:], block, (nq // heads) ** -0.5)
            d_qkv = torch.empty([rows, w_qkv.size(0)], dtype=dx.dtype, device=dx.device)
            by_token = d_qkv[:, :nq + 2 * nk].unflatten(1, [heads + 2 * kv, -1])
            rotate(torch.cat([dq.flatten(0, 1), dk]).transpose(0, 1), rope[0], rope[1], -1.0, by_token[:, :heads + kv])
            by_token[:, heads + kv:] = dv.transpose(0, 1)
            dz = d_qkv[:, nq + 2 * nk:]
            torch.mm(d_qkv[:, :nq], b_q, out=dz[:, :r])
            torch.mm(d_qkv[:, nq:nq + nk], b_k, out=dz[:, r:2 * r])
            torch.mm(d_qkv[:, nq + nk:nq + 2 * nk], b_v, out=dz[:, 2 * r:])
            dz.mul_(scale)
            torch.mm(d_qkv[:, :nq].t(), z_qkv[:, :r], out=db_q)
            torch.mm(d_qkv[:, nq:nq + nk].t(), z_qkv[:, r:2 * r], out=db_k)
            torch.mm(d_qkv[:, nq + nk:nq + 2 * nk].t(), z_qkv[:, 2 * r:], out=db_v)
            torch.mm(dz.t(), h1, out=da_qkv)
            if not lowest:
                normed_backward(torch.mm(d_qkv, w_qkv), gains[0], hat1, inverse1, dx)

        # Mean loss, and the gradient of the stream that enters the last norm. p [rows, vocabulary]: logits, then probabilities. The gradient
        # of the target's logit is its probability less 1: that 1 is the target's row of w, where the product starts.
        def head(x: Tensor, gain: Tensor, w: Tensor, targets: Tensor, p: Tensor, eps: float) -> List[Tensor]:
            h, hat, inverse = normed(x, gain, eps)
            torch.mm(h, w.t(), out=p)
            torch._softmax(p, 1, False, out=p)
            loss = p.gather(1, targets.unsqueeze(1)).to(6).log_().mean().neg_()
            dh = w.index_select(0, targets).neg_().addmm_(p, w).div_(x.size(0))
            dx = torch.zeros_like(x)
            normed_backward(dh, gain, hat, inverse, dx)
            return [loss, dx]

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
