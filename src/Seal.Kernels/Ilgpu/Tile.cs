namespace Seal.Kernels.Ilgpu;

/// <summary>Four neighbours of a row, in registers: 16 bytes, so that shared memory is read and written four numbers at a time.</summary>
internal struct Row4(float a, float b, float c, float d)
{
    public float A = a, B = b, C = c, D = d;

    /// <summary>x · y + z.</summary>
    public static Row4 MultiplyAdd(float x, Row4 y, Row4 z) => new(
        Fused.MultiplyAdd(x, y.A, z.A), Fused.MultiplyAdd(x, y.B, z.B), Fused.MultiplyAdd(x, y.C, z.C), Fused.MultiplyAdd(x, y.D, z.D));

    public readonly Row4 Times(float scale) => new(A * scale, B * scale, C * scale, D * scale);

    public readonly Row4 Plus(Row4 other) => new(A + other.A, B + other.B, C + other.C, D + other.D);
}

/// <summary>The 4x4 elements of a product's tile that one thread sums, in registers.</summary>
internal struct Tile4
{
    public Row4 R0, R1, R2, R3;

    /// <summary>this + left ⊗ right: one step of the inner dimension, four rows by four columns.</summary>
    public readonly Tile4 Plus(Row4 left, Row4 right) => new()
    {
        R0 = Row4.MultiplyAdd(left.A, right, R0),
        R1 = Row4.MultiplyAdd(left.B, right, R1),
        R2 = Row4.MultiplyAdd(left.C, right, R2),
        R3 = Row4.MultiplyAdd(left.D, right, R3),
    };
    public readonly Tile4 Times(float scale) => new()
    {
        R0 = R0.Times(scale),
        R1 = R1.Times(scale),
        R2 = R2.Times(scale),
        R3 = R3.Times(scale),
    };

    /// <summary>The same four numbers added to every row.</summary>
    public readonly Tile4 PlusRow(Row4 row) => new()
    {
        R0 = R0.Plus(row),
        R1 = R1.Plus(row),
        R2 = R2.Plus(row),
        R3 = R3.Plus(row),
    };
}
