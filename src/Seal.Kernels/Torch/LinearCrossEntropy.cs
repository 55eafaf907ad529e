using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Kernels;

public sealed partial class TorchOperators
{
    /// <summary>Rows whose logits are held at once: enough for a full-speed GEMM, 25 MB in f32 at a vocabulary of 49152.</summary>
    private const int CrossEntropyRows = 128;

    private readonly Scratch _scratch = new();

    public override void LinearCrossEntropy(
        DeviceBuffer h, PackedWeight head, DeviceBuffer targets, DeviceBuffer weights, DeviceBuffer logProbabilities, DeviceBuffer dh)
    {
        targets = targets.Reshape(h.Rows, 1);
        weights = weights.Reshape(h.Rows, 1);
        logProbabilities = logProbabilities.Reshape(h.Rows, 1);
        for (int start = 0; start < h.Rows; start += CrossEntropyRows)
        {
            int rows = Math.Min(CrossEntropyRows, h.Rows - start);
            CrossEntropyChunk(
                h.Slice(start, rows), Own(head), targets.Slice(start, rows), weights.Slice(start, rows),
                logProbabilities.Slice(start, rows), dh.IsNone ? dh : dh.Slice(start, rows));
        }
    }

    // In place over one block from logits to probabilities to gradient: e = exp(logit − max), p = e / Σe, w·(p − onehot).
    private void CrossEntropyChunk(
        DeviceBuffer h, TorchWeight head, DeviceBuffer targets, DeviceBuffer weights, DeviceBuffer logProbabilities, DeviceBuffer dh)
    {
        using Scope scope = Begin();
        (DeviceBuffer narrow, DeviceBuffer wide) = _scratch.Logits(h.Rows, head.Rows, Activation, Wide, Device);
        Tensor raw = View(narrow);
        Multiply(raw, View(h), head.Transposed, accumulate: false);
        Tensor block = View(wide);
        if (narrow.Pointer != wide.Pointer)
            block.copy_(raw);

        Tensor target = View(targets).to(torch.ScalarType.Int64);
        block.sub_(block.amax([-1], keepdim: true));
        Tensor atTarget = block.gather(1, target);
        Tensor sum = block.exp_().sum(-1, keepdim: true);
        View(logProbabilities).copy_(atTarget.sub_(sum.log()));
        if (dh.IsNone)
            return;

        Tensor weight = View(weights).to(_wide);
        block.mul_(weight.div(sum));
        block.scatter_add_(1, target, weight.neg());
        if (narrow.Pointer != wide.Pointer)
            raw.copy_(block);
        Multiply(View(dh), raw, head.Matrix, accumulate: false);
    }

    /// <summary>The block of logits, kept from call to call: fresh pages would cost more than the arithmetic on them.</summary>
    private sealed class Scratch : IDisposable
    {
        private DeviceMemory? _memory;

        /// <summary>The logits in the activation type and in the wide type: one block where the types are the same.</summary>
        public (DeviceBuffer Narrow, DeviceBuffer Wide) Logits(int rows, int columns, DType narrow, DType wide, Device device)
        {
            long wideBytes = (long)rows * columns * wide.Size();
            long bytes = wideBytes + (narrow == wide ? 0 : (long)rows * columns * narrow.Size());
            if (_memory is null || _memory.Bytes < bytes)
            {
                _memory?.Dispose();
                _memory = new HostMemory(bytes);
            }
            DeviceBuffer block = new(_memory.Pointer, wide, rows, columns, device);
            return (narrow == wide ? block : new DeviceBuffer(_memory.Pointer + (nint)wideBytes, narrow, rows, columns, device), block);
        }

        public void Dispose() => _memory?.Dispose();
    }
}
