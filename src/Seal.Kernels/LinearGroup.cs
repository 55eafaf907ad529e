namespace Seal.Kernels;

/// <summary>One frozen linear of a group: <c>y = x Wᵀ + bias</c>, W <c>[out, in]</c>, and the number by which adapters name it.</summary>
/// <param name="Weight">The frozen matrix.</param>
/// <param name="Bias"><c>[1, out]</c> in the wide type, or none.</param>
/// <param name="Target">Which of a layer's linears this is; adapters are found by (layer, target).</param>
public sealed record LinearMember(PackedWeight Weight, DeviceBuffer Bias, int Target);

/// <summary>
/// Linears that read the same X: q/k/v, gate/up, or a single one. The unit of linear algebra, because the members share X's
/// traffic, one Z = s·X·Aᵀ product, and one summed dX.
/// </summary>
public sealed record LinearGroup(int Layer, IReadOnlyList<LinearMember> Members)
{
    public int Inputs => Members[0].Weight.Columns;
}
