using System.Collections;
using System.Globalization;
using System.Text.Json;

namespace Seal.Models.Text.Jinja;

// A value is: null (None), bool, long, double, string, PythonList, PythonMap, Undefined, Callable, Namespace or Loop.

/// <summary>What a name or attribute that is not there stands for: prints as nothing, is false and empty, anything else is an error.</summary>
internal sealed class Undefined(string message)
{
    public JinjaError Error() => new(message);
}

/// <summary>A list or a tuple.</summary>
internal sealed class PythonList(List<object?> items, bool isTuple = false)
{
    public List<object?> Items => items;

    public bool IsTuple => isTuple;
}

/// <summary>A dict: keys in the order of their first appearance.</summary>
internal sealed class PythonMap
{
    private readonly OrderedDictionary<object, object?> _items = new(KeyComparer.Instance);

    public int Count => _items.Count;

    public IEnumerable<object?> Keys => _items.Keys.Select(key => key == KeyComparer.None ? null : key);

    public IEnumerable<object?> Values => _items.Values;

    public IEnumerable<(object? Key, object? Value)> Items => Keys.Zip(Values);

    public object? this[object? key]
    {
        set => _items[Hashable(key)] = value;
    }

    public bool TryGet(object? key, out object? value) => _items.TryGetValue(Hashable(key), out value);

    private static object Hashable(object? key) => key switch
    {
        null => KeyComparer.None,
        string or bool or long or double or PythonList { IsTuple: true } => key,
        _ => throw new JinjaError($"unhashable type: '{PythonValues.TypeName(key)}'"),
    };

    private sealed class KeyComparer : IEqualityComparer<object>
    {
        public static readonly object None = new();
        public static readonly KeyComparer Instance = new();

        public new bool Equals(object? left, object? right) => ReferenceEquals(left, right) || PythonValues.AreEqual(left, right);

        public int GetHashCode(object key) => key switch
        {
            string text => text.GetHashCode(StringComparison.Ordinal),
            bool or long or double => PythonValues.ToDouble(key).GetHashCode(),
            PythonList list => list.Items.Count,
            _ => 0,
        };
    }
}

internal sealed class Callable(string name, Func<Arguments, object?> invoke)
{
    public string Name => name;

    public object? Invoke(Arguments arguments) => invoke(arguments);
}

/// <summary><c>namespace(…)</c>: what a loop can assign to.</summary>
internal sealed class Namespace
{
    public Dictionary<string, object?> Attributes { get; } = [];
}

/// <summary>Python's truth, equality, order, text and size of values.</summary>
internal static class PythonValues
{
    public static string TypeName(object? value) => value switch
    {
        null => "NoneType",
        bool => "bool",
        long => "int",
        double => "float",
        string => "str",
        PythonList list => list.IsTuple ? "tuple" : "list",
        PythonMap => "dict",
        Undefined => "Undefined",
        Callable => "function",
        Namespace => "Namespace",
        _ => "LoopContext",
    };

    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool b => b,
        long n => n != 0,
        double d => d != 0,
        string s => s.Length > 0,
        PythonList list => list.Items.Count > 0,
        PythonMap map => map.Count > 0,
        _ => true,
    };

    public static bool IsNumber(object? value) => value is bool or long or double;

    public static double ToDouble(object? value) => value switch
    {
        bool b => b ? 1 : 0,
        long n => n,
        double d => d,
        Undefined undefined => throw undefined.Error(),
        _ => throw new JinjaError($"a number is expected, not '{TypeName(value)}'"),
    };

    public static long ToInteger(object? value) => value switch
    {
        bool b => b ? 1 : 0,
        long n => n,
        Undefined undefined => throw undefined.Error(),
        _ => throw new JinjaError($"an integer is expected, not '{TypeName(value)}'"),
    };

    public static bool AreEqual(object? left, object? right)
    {
        JinjaStack.Check("a comparison");
        return (left, right) switch
        {
            (null, null) or (Undefined, Undefined) => true,
            (string a, string b) => string.Equals(a, b, StringComparison.Ordinal),
            (bool or long, bool or long) => ToInteger(left) == ToInteger(right),
            (bool or long or double, bool or long or double) => ToDouble(left) == ToDouble(right),
            (PythonList a, PythonList b) => a.IsTuple == b.IsTuple && a.Items.Count == b.Items.Count && a.Items.Zip(b.Items).All(pair => AreEqual(pair.First, pair.Second)),
            (PythonMap a, PythonMap b) => a.Count == b.Count && a.Items.All(item => b.TryGet(item.Key, out object? other) && AreEqual(item.Value, other)),
            _ => ReferenceEquals(left, right),
        };
    }

    public static int Compare(object? left, object? right, string symbol)
    {
        JinjaStack.Check("a comparison");
        switch (left, right)
        {
            case (Undefined undefined, _): throw undefined.Error();
            case (_, Undefined undefined): throw undefined.Error();
            case (string a, string b): return PythonText.Compare(a, b);
            case (bool or long, bool or long): return ToInteger(left).CompareTo(ToInteger(right));
            case (bool or long or double, bool or long or double): return ToDouble(left).CompareTo(ToDouble(right));
            case (PythonList a, PythonList b) when a.IsTuple == b.IsTuple:
                for (int i = 0; i < Math.Min(a.Items.Count, b.Items.Count); i++)
                    if (!AreEqual(a.Items[i], b.Items[i]))
                        return Compare(a.Items[i], b.Items[i], symbol);
                return a.Items.Count.CompareTo(b.Items.Count);
            default:
                throw new JinjaError($"'{symbol}' not supported between instances of '{TypeName(left)}' and '{TypeName(right)}'");
        }
    }

    public static bool Contains(object? container, object? item) => container switch
    {
        string text => item is string part
            ? text.Contains(part, StringComparison.Ordinal)
            : throw new JinjaError($"'in <string>' requires string as left operand, not {TypeName(item)}"),
        PythonMap map => map.TryGet(item, out _),
        _ => Iterate(container).Any(other => AreEqual(other, item)),
    };

    public static IReadOnlyList<object?> Iterate(object? value) => value switch
    {
        PythonList list => list.Items,
        PythonMap map => [.. map.Keys],
        string text => [.. PythonText.Points(text)],
        Undefined => [],
        _ => throw new JinjaError($"'{TypeName(value)}' object is not iterable"),
    };

    public static long Length(object? value) => value switch
    {
        string text => PythonText.Length(text),
        PythonList list => list.Items.Count,
        PythonMap map => map.Count,
        Undefined => 0,
        Loop loop => loop.Length,
        _ => throw new JinjaError($"object of type '{TypeName(value)}' has no len()"),
    };

    /// <summary><c>str(value)</c>, as printing does.</summary>
    public static string Text(object? value) => value switch
    {
        string text => text,
        Undefined => "",
        _ => Representation(value),
    };

    /// <summary><c>repr(value)</c></summary>
    public static string Representation(object? value)
    {
        JinjaStack.Check("a printed value");
        return value switch
        {
            null => "None",
            bool b => b ? "True" : "False",
            long n => n.ToString(CultureInfo.InvariantCulture),
            double d => PythonText.Number(d),
            string text => PythonText.Quote(text),
            PythonList { IsTuple: true, Items: [var only] } => $"({Representation(only)},)",
            PythonList list => $"{(list.IsTuple ? '(' : '[')}{string.Join(", ", list.Items.Select(Representation))}{(list.IsTuple ? ')' : ']')}",
            PythonMap map => $"{{{string.Join(", ", map.Items.Select(item => $"{Representation(item.Key)}: {Representation(item.Value)}"))}}}",
            Undefined => "Undefined",
            Callable callable => $"<function {callable.Name}>",
            _ => $"<{TypeName(value)}>",
        };
    }

    /// <summary>A value from outside: JSON, numbers, strings, dictionaries, lists.</summary>
    public static object? From(object? value)
    {
        JinjaStack.Check("a template's variables");
        return value switch
        {
            null or bool or long or double or string or PythonList or PythonMap or Undefined => value,
            int or short or byte or uint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
            float f => (double)f,
            JsonElement json => FromJson(json),
            ChatMessage message => Map([("role", message.Role), ("content", message.Content)]),
            IReadOnlyDictionary<string, object?> map => Map(map.Select(item => (item.Key, item.Value))),
            IEnumerable items => new PythonList([.. items.Cast<object?>().Select(From)]),
            _ => throw new ArgumentException($"A template's variable cannot be a {value.GetType().Name}."),
        };
    }

    private static object? FromJson(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => json.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => json.TryGetInt64(out long integer) && !json.GetRawText().AsSpan().ContainsAny(".eE") ? (object)integer : json.GetDouble(),
        JsonValueKind.Array => new PythonList([.. json.EnumerateArray().Select(item => From(item))]),
        JsonValueKind.Object => Map(json.EnumerateObject().Select(item => (item.Name, (object?)item.Value))),
        _ => null,
    };

    private static PythonMap Map(IEnumerable<(string Key, object? Value)> items)
    {
        PythonMap map = new();
        foreach ((string key, object? value) in items)
            map[key] = From(value);
        return map;
    }
}
