using Seal.Kernels.Cases;

namespace Seal.Kernels;

public sealed partial class ValidatingOperators
{
    public override void Embed(PackedWeight table, DeviceBuffer tokens, DeviceBuffer y)
    {
        Begin();
        DeviceBuffer expected = Like(y);
        _chosen.Embed(Own(table).Chosen, tokens, y);
        _torch.Embed(Own(table).Torch, tokens, expected);
        Compare("embed", "y", Tolerances.Exact, y, expected);
    }

    public override void RmsNorm(
        DeviceBuffer x, DeviceBuffer delta, DeviceBuffer sum, DeviceBuffer gain, double eps, DeviceBuffer y, DeviceBuffer inverseRms)
    {
        Begin();
        // The sum may be written where x stands: the copies come first.
        (DeviceBuffer copyX, DeviceBuffer copyDelta) = (Copy(x), Copy(delta));
        (DeviceBuffer wantedSum, DeviceBuffer wantedY, DeviceBuffer wantedInverse) = (delta.IsNone ? DeviceBuffer.None : Like(sum), Like(y), Like(inverseRms));
        _chosen.RmsNorm(x, delta, sum, gain, eps, y, inverseRms);
        _torch.RmsNorm(copyX, copyDelta, wantedSum, Here(gain), eps, wantedY, wantedInverse);
        if (!delta.IsNone)
            Compare("rms_norm", "sum", Tolerances.Elementwise, sum, wantedSum);
        Compare("rms_norm", "y", Tolerances.Normalised(y.Columns), y, wantedY);
        Compare("rms_norm", "1/rms", Tolerances.Elementwise, inverseRms, wantedInverse);
    }

    public override void RmsNormBackward(DeviceBuffer dy, DeviceBuffer x, DeviceBuffer gain, DeviceBuffer inverseRms, DeviceBuffer dx)
    {
        Begin();
        DeviceBuffer expected = Copy(dx);
        _torch.RmsNormBackward(Copy(dy), Copy(x), Here(gain), Here(inverseRms), expected);
        _chosen.RmsNormBackward(dy, x, gain, inverseRms, dx);
        Compare("rms_norm", "dx", Tolerances.Normalised(x.Columns), dx, expected);
    }

    public override void Rope(DeviceBuffer x, int headDim, DeviceBuffer positions, DeviceBuffer cosSin, bool inverse)
    {
        Begin();
        DeviceBuffer expected = Copy(x);
        _torch.Rope(expected, headDim, positions, Here(cosSin), inverse);
        _chosen.Rope(x, headDim, positions, cosSin, inverse);
        Compare("rope", inverse ? "dx" : "y", Tolerances.Elementwise, x, expected);
    }

    public override void SwiGlu(DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y)
    {
        Begin();
        DeviceBuffer expected = Like(y);
        _torch.SwiGlu(Copy(gate), Copy(up), expected);
        _chosen.SwiGlu(gate, up, y);
        Compare("swiglu", "y", Tolerances.Elementwise, y, expected);
    }

    public override void SwiGluBackward(DeviceBuffer dy, DeviceBuffer gate, DeviceBuffer up, DeviceBuffer dgate, DeviceBuffer dup)
    {
        Begin();
        (DeviceBuffer wantedGate, DeviceBuffer wantedUp) = (Like(dgate), Like(dup));
        _torch.SwiGluBackward(Copy(dy), Copy(gate), Copy(up), wantedGate, wantedUp);
        _chosen.SwiGluBackward(dy, gate, up, dgate, dup);
        Compare("swiglu", "d gate", Tolerances.Elementwise, dgate, wantedGate);
        Compare("swiglu", "d up", Tolerances.Elementwise, dup, wantedUp);
    }

    public override void GatherRows(DeviceBuffer x, DeviceBuffer rows, DeviceBuffer y)
    {
        Begin();
        DeviceBuffer expected = Like(y);
        _torch.GatherRows(Copy(x), rows, expected);
        _chosen.GatherRows(x, rows, y);
        Compare("gather_rows", "y", Tolerances.Exact, y, expected);
    }

    public override void ScatterRows(DeviceBuffer x, DeviceBuffer rows, DeviceBuffer y)
    {
        Begin();
        DeviceBuffer expected = Like(y);
        _torch.ScatterRows(Copy(x), rows, expected);
        _chosen.ScatterRows(x, rows, y);
        Compare("scatter_rows", "y", Tolerances.Exact, y, expected);
    }

    public override void Add(DeviceBuffer x, DeviceBuffer y)
    {
        Begin();
        DeviceBuffer expected = Copy(y);
        _torch.Add(Copy(x), expected);
        _chosen.Add(x, y);
        Compare("add", "y", Tolerances.Elementwise, y, expected);
    }

    public override void Cast(DeviceBuffer x, DeviceBuffer y)
    {
        Begin();
        DeviceBuffer expected = _copies.Take(y.Type, y.Rows, y.Columns); // in y's own type: a cast is exact or to nearest even
        _torch.Cast(Here(x), expected);
        _chosen.Cast(x, y);
        Compare("cast", "y", Tolerances.Exact, y, expected);
    }

    public override void Zero(DeviceBuffer y)
    {
        Begin();
        DeviceBuffer expected = Like(y);
        _torch.Zero(expected);
        _chosen.Zero(y);
        Compare("zero", "y", Tolerances.Exact, y, expected);
    }
}
