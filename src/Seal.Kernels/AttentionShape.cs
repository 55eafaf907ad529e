namespace Seal.Kernels;

/// <summary>Grouped-query attention: <paramref name="Heads"/> query heads share <paramref name="KvHeads"/> key/value heads.</summary>
public readonly record struct AttentionShape(int Heads, int KvHeads, int HeadDim)
{
    public int QueryWidth => Heads * HeadDim;

    public int KvWidth => KvHeads * HeadDim;

    /// <summary>Scores are multiplied by 1/√d before the softmax.</summary>
    public double Scale => 1 / Math.Sqrt(HeadDim);
}
