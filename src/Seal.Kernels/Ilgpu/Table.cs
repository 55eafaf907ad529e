namespace Seal.Kernels.Ilgpu;

/// <summary>
/// A list of structs that a kernel reads, in host memory that grows to the largest step and then stays. It begins at a multiple of a row's
/// size: a view over memory from address 0 can begin nowhere else.
/// </summary>
internal sealed unsafe class Table<T> where T : unmanaged
{
    private HostMemory _memory = new(65L * sizeof(T));

    public int Count { get; private set; }

    public nint Pointer => (_memory.Pointer + sizeof(T) - 1) / sizeof(T) * sizeof(T);

    private Span<T> Rows => new((T*)Pointer, (int)(_memory.Bytes / sizeof(T)) - 1);

    public void Clear() => Count = 0;

    public void Add(in T row)
    {
        if (Count == Rows.Length)
            Grow();
        Rows[Count++] = row;
    }

    private void Grow()
    {
        HostMemory larger = new((2L * Count + 1) * sizeof(T));
        Span<T> old = Rows;
        HostMemory before = _memory;
        _memory = larger;
        old.CopyTo(Rows);
        before.Dispose();
    }
}
