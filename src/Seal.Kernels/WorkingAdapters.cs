namespace Seal.Kernels;

/// <summary>
/// What the linears read of an <see cref="AdapterSet"/>: its masters themselves, or copies in the activation type, in whatever layout
/// the backend wants. Kept up to date by <see cref="Operators.AdamW"/>; only the backend that made it can look inside.
/// </summary>
public abstract class WorkingAdapters : IDisposable
{
    /// <summary>Takes over the masters of one adapter after they were written from outside.</summary>
    public abstract void Publish(int slot);

    /// <summary>Makes room for what backward passes read. Done once, before the first training step.</summary>
    public abstract void PrepareTraining();

    public abstract void Dispose();
}
