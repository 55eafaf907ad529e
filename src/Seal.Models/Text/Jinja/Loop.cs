namespace Seal.Models.Text.Jinja;

/// <summary>The variable <c>loop</c> inside a for.</summary>
internal sealed class Loop(IReadOnlyList<object?> items, int depth, Func<object?, int, string>? recurse)
{
    private object? _changed = new Undefined("");

    public int Index { get; set; }

    public long Length => items.Count;

    /// <summary><c>loop(children)</c> in a recursive for: the whole loop again, one deeper.</summary>
    public string Recurse(object? children) =>
        recurse is null ? throw new JinjaError("The loop must have the 'recursive' marker to be called recursively.") : recurse(children, depth + 1);

    public bool TryGet(string name, out object? value)
    {
        value = name switch
        {
            "index" => Index + 1L,
            "index0" => (long)Index,
            "revindex" => Length - Index,
            "revindex0" => Length - Index - 1,
            "first" => Index == 0,
            "last" => Index == Length - 1,
            "length" => Length,
            "depth" => depth + 1L,
            "depth0" => (long)depth,
            "previtem" => Index > 0 ? items[Index - 1] : new Undefined("there is no previous item"),
            "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new Undefined("there is no next item"),
            "cycle" => new Callable("cycle", Cycle),
            "changed" => new Callable("changed", Changed),
            _ => null,
        };
        return value is not null || (name is "previtem" or "nextitem");
    }

    private object? Cycle(Arguments arguments) => arguments.Positional.Count > 0
        ? arguments.Positional[Index % arguments.Positional.Count]
        : throw new JinjaError("no items for cycling given");

    private object? Changed(Arguments arguments)
    {
        PythonList now = new([.. arguments.Positional], isTuple: true);
        bool changed = !PythonValues.AreEqual(_changed, now);
        _changed = now;
        return changed;
    }
}
