namespace Seal.Kernels;

/// <summary>
/// Keys and values of many growing sequences in pages of <see cref="PageSize"/> tokens: a sequence owns pages, not a run of memory,
/// so sequences of any length come and go without moving anything. Sequences that begin alike share the whole pages of their beginning.
/// </summary>
public sealed class KvCache : IDisposable
{
    /// <summary>Tokens a page.</summary>
    public const int PageSize = 16;

    private readonly Operators _operators;
    private readonly DeviceMemory _memory;
    private readonly List<List<int>?> _pages; // per slot, its pages in order; null = free slot
    private readonly List<int> _lengths;
    private readonly Stack<int> _freePages;
    private readonly int _pageCount;
    private readonly int _layers;
    private readonly int[] _owners; // sequences that a page belongs to

    /// <param name="operators">Where the cache lives.</param>
    /// <param name="layers">Layers of the model.</param>
    /// <param name="width">kv heads × head dim.</param>
    /// <param name="tokens">Tokens in all sequences together; rounded up to whole pages.</param>
    public KvCache(Operators operators, int layers, int width, int tokens)
    {
        _operators = operators;
        Width = width;
        _layers = layers;
        _pageCount = (tokens + PageSize - 1) / PageSize;
        (_pages, _lengths, _freePages, _owners) = ([], [], new Stack<int>(), new int[_pageCount]);
        _memory = Room();
        for (int page = _pageCount - 1; page >= 0; page--)
            _freePages.Push(page);
    }

    /// <summary>The same sequences in another backend's memory, which the caller fills: to read, while the first one lives.</summary>
    internal KvCache(Operators operators, KvCache like)
    {
        _operators = operators;
        (Width, _layers, _pageCount) = (like.Width, like._layers, like._pageCount);
        (_pages, _lengths, _freePages, _owners) = (like._pages, like._lengths, like._freePages, like._owners);
        _memory = Room();
    }

    public int Width { get; }

    public int FreeTokens => _freePages.Count * PageSize;

    /// <summary>Pages that a sequence of this length takes.</summary>
    public static int PagesFor(int tokens) => (tokens + PageSize - 1) / PageSize;

    /// <summary>Keys of a layer, <c>[pages × PageSize, Width]</c>.</summary>
    public DeviceBuffer Keys(int layer) => Half(2 * layer);

    /// <summary>Values of a layer, <c>[pages × PageSize, Width]</c>.</summary>
    public DeviceBuffer Values(int layer) => Half(2 * layer + 1);

    /// <summary>A new, empty sequence.</summary>
    public int Open()
    {
        int slot = _pages.IndexOf(null);
        if (slot < 0)
        {
            slot = _pages.Count;
            _pages.Add(null);
            _lengths.Add(0);
        }
        _pages[slot] = [];
        _lengths[slot] = 0;
        return slot;
    }

    /// <summary>
    /// A new sequence that begins with the first tokens of another: whole pages are shared, the rest of them copied. Those tokens'
    /// keys and values must have been written, and stay as they are: a sequence only ever writes behind what it holds.
    /// </summary>
    public int Share(int slot, int length)
    {
        if (length > Length(slot))
            throw new ArgumentOutOfRangeException(nameof(length), length, $"cache slot {slot} holds {Length(slot)} tokens");
        int sharer = Open();
        IReadOnlyList<int> pages = Pages(slot);
        List<int> own = _pages[sharer]!;
        int whole = length / PageSize, rest = length % PageSize;
        for (int i = 0; i < whole; i++)
        {
            own.Add(pages[i]);
            _owners[pages[i]]++;
        }
        Grow(sharer, length);
        if (rest > 0)
            for (int layer = 0; layer < _layers; layer++)
            {
                Copy(Keys(layer), pages[whole], own[whole], rest);
                Copy(Values(layer), pages[whole], own[whole], rest);
            }
        return sharer;
    }

    /// <summary>Forgets a sequence's tokens from this length on.</summary>
    public void Truncate(int slot, int length)
    {
        List<int> pages = _pages[slot] ?? throw Closed(slot);
        if (length > _lengths[slot])
            throw new ArgumentOutOfRangeException(nameof(length), length, $"cache slot {slot} holds {_lengths[slot]} tokens");
        for (int kept = PagesFor(length); pages.Count > kept; pages.RemoveAt(pages.Count - 1))
            Leave(pages[^1]);
        _lengths[slot] = length;
    }

    /// <summary>Tokens of a sequence that the cache holds.</summary>
    public int Length(int slot) => _lengths[slot];

    /// <summary>The pages of a sequence, in order.</summary>
    public IReadOnlyList<int> Pages(int slot) => _pages[slot] ?? throw Closed(slot);

    /// <summary>Makes a sequence this long; the operators then write its new rows.</summary>
    public void Grow(int slot, int length)
    {
        List<int> pages = _pages[slot] ?? throw Closed(slot);
        while (pages.Count * PageSize < length)
        {
            if (!_freePages.TryPop(out int page))
                throw new InvalidOperationException($"the key/value cache of {_pageCount * PageSize} tokens is full");
            _owners[page] = 1;
            pages.Add(page);
        }
        _lengths[slot] = length;
    }

    /// <summary>Row of <see cref="Keys"/> and <see cref="Values"/> that holds a sequence's token at this position.</summary>
    public int Row(int slot, int position) => Pages(slot)[position / PageSize] * PageSize + position % PageSize;

    /// <summary>Ends a sequence; pages that no other shares serve others.</summary>
    public void Close(int slot)
    {
        foreach (int page in Pages(slot))
            Leave(page);
        _pages[slot] = null;
    }

    public void Dispose() => _memory.Dispose();

    private static InvalidOperationException Closed(int slot) => new($"cache slot {slot} is closed");

    private void Leave(int page)
    {
        if (--_owners[page] == 0)
            _freePages.Push(page);
    }

    private DeviceMemory Room() => _operators.Allocate(2L * _layers * _pageCount * PageSize * Width * _operators.Activation.Size());

    private void Copy(DeviceBuffer rows, int from, int to, int count) =>
        _operators.Cast(rows.Slice(from * PageSize, count), rows.Slice(to * PageSize, count));

    private DeviceBuffer Half(int index)
    {
        int rows = _pageCount * PageSize;
        long bytes = (long)rows * Width * _operators.Activation.Size();
        return new DeviceBuffer(_memory.Pointer + (nint)(index * bytes), _operators.Activation, rows, Width, _operators.Device);
    }
}
