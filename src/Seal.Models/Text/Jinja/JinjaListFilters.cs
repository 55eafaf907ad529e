using System.Globalization;

namespace Seal.Models.Text.Jinja;

/// <summary>The filters of lists: choose, order, gather.</summary>
internal static class JinjaListFilters
{
    public static bool TryApply(string name, object? value, Arguments arguments, JinjaInterpreter interpreter, out object? result)
    {
        result = name switch
        {
            "list" => List(PythonValues.Iterate(value)),
            "first" => PythonValues.Iterate(value) is [var first, ..] ? first : new Undefined("No first item, sequence was empty."),
            "last" => PythonValues.Iterate(value) is [.., var last] ? last : new Undefined("No last item, sequence was empty."),
            "join" => Join(value, arguments, interpreter),
            "reverse" => value is string text ? string.Concat(PythonText.Points(text).AsEnumerable().Reverse()) : List(PythonValues.Iterate(value).Reverse()),
            "map" => Map(value, arguments, interpreter),
            "select" => Choose(value, arguments, interpreter, byAttribute: false, keep: true),
            "reject" => Choose(value, arguments, interpreter, byAttribute: false, keep: false),
            "selectattr" => Choose(value, arguments, interpreter, byAttribute: true, keep: true),
            "rejectattr" => Choose(value, arguments, interpreter, byAttribute: true, keep: false),
            "sort" => Sort(value, arguments, interpreter),
            "unique" => Unique(value, arguments, interpreter),
            "min" => Extreme(value, arguments, interpreter, sign: 1),
            "max" => Extreme(value, arguments, interpreter, sign: -1),
            "sum" => PythonValues.Iterate(value).Aggregate(arguments.Get(2, "start", 0L),
                (sum, item) => PythonOperators.Apply("+", sum, By(arguments.Get(1, "attribute", null), item, interpreter), arguments.Budget)),
            "dictsort" => DictSort(value, arguments),
            "batch" => Batch(value, arguments),
            "groupby" => GroupBy(value, arguments, interpreter),
            _ => NoFilter.Instance,
        };
        return !ReferenceEquals(result, NoFilter.Instance);
    }

    private static string Join(object? value, Arguments arguments, JinjaInterpreter interpreter)
    {
        arguments.Expect("value", "d", "attribute");
        object? attribute = arguments.Get(2, "attribute", null);
        List<object?> parts = [.. PythonValues.Iterate(value).Select(item => PythonValues.Text(By(attribute, item, interpreter)))];
        return PythonMethods.Join(PythonValues.Text(arguments.Get(1, "d", "")), new PythonList(parts), arguments.Budget);
    }

    private static PythonList Map(object? value, Arguments arguments, JinjaInterpreter interpreter)
    {
        if (arguments.Named.TryGetValue("attribute", out object? attribute))
        {
            bool hasDefault = arguments.Named.TryGetValue("default", out object? otherwise);
            return List(PythonValues.Iterate(value).Select(item => By(attribute, item, interpreter) is var found && found is Undefined && hasDefault ? otherwise : found));
        }
        string filter = arguments.Text(1, "filter");
        return List(PythonValues.Iterate(value).Select(item =>
            JinjaFilters.Apply(filter, new Arguments(filter, [item, .. arguments.Positional[2..]], arguments.Named, arguments.Budget), interpreter)).ToArray());
    }

    private static PythonList Choose(object? value, Arguments arguments, JinjaInterpreter interpreter, bool byAttribute, bool keep)
    {
        int first = byAttribute ? 2 : 1;
        object? attribute = byAttribute ? arguments.Get(1, "attribute") : null;
        return List(PythonValues.Iterate(value).Where(item =>
        {
            arguments.Budget.Step();
            object? tested = By(attribute, item, interpreter);
            bool holds = arguments.Positional.Count <= first
                ? PythonValues.IsTrue(tested)
                : JinjaTests.Holds(arguments.Text(first, "test"), new Arguments("test", [tested, .. arguments.Positional[(first + 1)..]], arguments.Named, arguments.Budget));
            return holds == keep;
        }).ToArray());
    }

    private static PythonList Sort(object? value, Arguments arguments, JinjaInterpreter interpreter)
    {
        arguments.Expect("value", "reverse", "case_sensitive", "attribute");
        object? attribute = arguments.Get(3, "attribute", null);
        bool exact = arguments.Flag(2, "case_sensitive");
        // Several attributes, "a,b", sort by the first, then the next.
        object?[] attributes = attribute is string names ? names.Split(',') : [attribute];
        IEnumerable<(object? Item, object?[] Keys)> keyed =
            PythonValues.Iterate(value).Select(item => (item, attributes.Select(name => IgnoreCase(By(name, item, interpreter), exact)).ToArray()));
        Comparer<object?[]> order = Comparer<object?[]>.Create((left, right) =>
        {
            arguments.Budget.Step();
            return left.Zip(right).Select(pair => PythonValues.Compare(pair.First, pair.Second, "<")).FirstOrDefault(sign => sign != 0);
        });
        return List((arguments.Flag(1, "reverse") ? keyed.OrderByDescending(item => item.Keys, order) : keyed.OrderBy(item => item.Keys, order)).Select(item => item.Item).ToArray());
    }

    private static PythonList Unique(object? value, Arguments arguments, JinjaInterpreter interpreter)
    {
        arguments.Expect("value", "case_sensitive", "attribute");
        PythonMap seen = new();
        return List(PythonValues.Iterate(value).Where(item =>
        {
            object? key = IgnoreCase(By(arguments.Get(2, "attribute", null), item, interpreter), arguments.Flag(1, "case_sensitive"));
            bool isNew = !seen.TryGet(key, out _);
            seen[key] = true;
            return isNew;
        }).ToArray());
    }

    private static object? Extreme(object? value, Arguments arguments, JinjaInterpreter interpreter, int sign)
    {
        arguments.Expect("value", "case_sensitive", "attribute");
        IReadOnlyList<object?> items = PythonValues.Iterate(value);
        return items.Count == 0
            ? new Undefined("No aggregated item, sequence was empty.")
            : items.Aggregate((best, item) => sign * PythonValues.Compare(Key(item), Key(best), "<") < 0 ? item : best);

        object? Key(object? item) => IgnoreCase(By(arguments.Get(2, "attribute", null), item, interpreter), arguments.Flag(1, "case_sensitive"));
    }

    private static PythonList DictSort(object? value, Arguments arguments)
    {
        arguments.Expect("value", "case_sensitive", "by", "reverse");
        if (value is not PythonMap map)
            throw new JinjaError("dictsort needs a mapping");
        int index = arguments.Get(2, "by", "key") is "value" ? 1 : 0;
        Comparer<object?> order = Comparer<object?>.Create((left, right) => PythonValues.Compare(left, right, "<"));
        Func<object?, object?> key = item => IgnoreCase(((PythonList)item!).Items[index], arguments.Flag(1, "case_sensitive"));
        List<object?> items = PythonMethods.Items(map).Items;
        return List((arguments.Flag(3, "reverse") ? items.OrderByDescending(key, order) : items.OrderBy(key, order)).ToArray());
    }

    private static PythonList Batch(object? value, Arguments arguments)
    {
        arguments.Expect("value", "linecount", "fill_with");
        int size = (int)Math.Clamp(arguments.Integer(1, "linecount", 1), 1, int.MaxValue);
        object? fill = arguments.Get(2, "fill_with", null);
        List<object?> batches = [];
        foreach (object?[] chunk in PythonValues.Iterate(value).Chunk(size))
        {
            arguments.Budget.Step(fill is null ? 0 : size);
            batches.Add(new PythonList(fill is null ? [.. chunk] : [.. chunk, .. Enumerable.Repeat(fill, size - chunk.Length)]));
        }
        return new PythonList(batches);
    }

    private static PythonList GroupBy(object? value, Arguments arguments, JinjaInterpreter interpreter)
    {
        arguments.Expect("value", "attribute", "default", "case_sensitive");
        object? attribute = arguments.Get(1, "attribute");
        bool exact = arguments.Flag(3, "case_sensitive");
        List<object?> groups = [];
        object? last = null;
        PythonList sorted = Sort(value, new Arguments("groupby", [value], new() { ["attribute"] = attribute, ["case_sensitive"] = exact }, arguments.Budget), interpreter);
        foreach (object? item in sorted.Items)
        {
            object? found = By(attribute, item, interpreter);
            object? key = IgnoreCase(found, exact);
            if (groups.Count == 0 || !PythonValues.AreEqual(key, last))
                groups.Add(new PythonList([found, new PythonList([])], isTuple: true));
            ((PythonList)((PythonList)groups[^1]!).Items[1]!).Items.Add(item);
            last = key;
        }
        return new PythonList(groups);
    }

    /// <summary>An item's attribute, given as "a.b.0" or a number; the item itself without one.</summary>
    private static object? By(object? attribute, object? item, JinjaInterpreter interpreter)
    {
        if (attribute is null)
            return item;
        if (attribute is not string path)
            return interpreter.Item(item, attribute);
        foreach (string part in path.Split('.'))
            item = interpreter.Item(item, long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long index) ? index : part);
        return item;
    }

    private static object? IgnoreCase(object? value, bool exact) => !exact && value is string text ? PythonText.Lower(text) : value;

    private static PythonList List(IEnumerable<object?> items) => new([.. items]);

    private sealed class NoFilter
    {
        public static readonly object Instance = new();
    }
}
