using System.Runtime.InteropServices;

namespace Seal.Kernels;

/// <summary>A growing list in pinned memory, so that operators can read it by pointer. Growth happens between steps only.</summary>
internal sealed class PinnedList<T>(DType type) where T : unmanaged
{
    private T[] _items = GC.AllocateUninitializedArray<T>(64, pinned: true);

    public int Count { get; private set; }

    public Span<T> Span => _items.AsSpan(0, Count);

    public DeviceBuffer Buffer => new(Marshal.UnsafeAddrOfPinnedArrayElement(_items, 0), type, 1, Count, Device.Host);

    public void Clear() => Count = 0;

    public void Add(T item)
    {
        if (Count == _items.Length)
        {
            T[] larger = GC.AllocateUninitializedArray<T>(2 * _items.Length, pinned: true);
            _items.CopyTo(larger, 0);
            _items = larger;
        }
        _items[Count++] = item;
    }
}
