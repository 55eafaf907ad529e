using System.Runtime.CompilerServices;

namespace Seal.Kernels.Ilgpu;

/// <summary>A list of structs that a kernel reads, in pinned memory that grows to the largest step and then stays.</summary>
internal sealed class Table<T> where T : unmanaged
{
    private T[] _rows = GC.AllocateUninitializedArray<T>(64, pinned: true);

    public int Count { get; private set; }

    public unsafe nint Pointer => (nint)Unsafe.AsPointer(ref _rows[0]);

    public ref T this[int index] => ref _rows[index];

    public void Clear() => Count = 0;

    public void Add(in T row)
    {
        if (Count == _rows.Length)
        {
            T[] larger = GC.AllocateUninitializedArray<T>(2 * Count, pinned: true);
            _rows.CopyTo(larger, 0);
            _rows = larger;
        }
        _rows[Count++] = row;
    }
}
