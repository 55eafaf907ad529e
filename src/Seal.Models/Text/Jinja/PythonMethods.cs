namespace Seal.Models.Text.Jinja;

/// <summary>The methods of strings, lists and dicts. Those that change a list or dict are refused, as in Hugging Face's sandbox.</summary>
internal static class PythonMethods
{
    private static readonly string[] s_changing =
        ["append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "update", "setdefault", "popitem"];

    public static bool TryGet(object? value, string name, out object? method)
    {
        Func<Arguments, object?>? function = value switch
        {
            string text => OfString(text, name),
            PythonList list => OfList(list, name),
            PythonMap map => OfMap(map, name),
            _ => null,
        };
        method = function is null ? null : new Callable(name, arguments =>
        {
            arguments.Budget.ChargeReading(value);
            return function(arguments);
        });
        return method is not null;
    }

    private static Func<Arguments, object?>? OfString(string text, string name) => name switch
    {
        "strip" => a => PythonText.Strip(text, Characters(a), left: true, right: true),
        "lstrip" => a => PythonText.Strip(text, Characters(a), left: true, right: false),
        "rstrip" => a => PythonText.Strip(text, Characters(a), left: false, right: true),
        "split" or "rsplit" => a =>
        {
            a.Expect("sep", "maxsplit");
            string? separator = a.Get(0, "sep", null) is null ? null : a.Text(0, "sep");
            return List(PythonText.Split(text, separator, a.Integer(1, "maxsplit", -1), fromRight: name == "rsplit"));
        }
        ,
        "splitlines" => a => List(PythonText.Lines(text, a.Expect("keepends").Flag(0, "keepends"))),
        "startswith" => a => AnyOf(a.Expect("prefix", "start"), "prefix", prefix => Tail(text, a).StartsWith(prefix, StringComparison.Ordinal)),
        "endswith" => a => AnyOf(a.Expect("suffix"), "suffix", suffix => text.EndsWith(suffix, StringComparison.Ordinal)),
        "upper" => a => PythonText.Upper(text),
        "lower" or "casefold" => a => PythonText.Lower(text),
        "title" => a => PythonText.Title(text),
        "capitalize" => a => PythonText.Capitalize(text),
        "replace" => a => Replace(text, a.Expect("old", "new", "count").Text(0, "old"), a.Text(1, "new"), a.Integer(2, "count", -1), a.Budget),
        "join" => a => Join(text, a.Get(0, "iterable"), a.Budget),
        "format" => a => PythonFormat.Braces(text, a),
        "find" => a => Point(text, text.IndexOf(a.Expect("sub").Text(0, "sub"), StringComparison.Ordinal)),
        "rfind" => a => Point(text, text.LastIndexOf(a.Expect("sub").Text(0, "sub"), StringComparison.Ordinal)),
        "index" => a => text.IndexOf(a.Expect("sub").Text(0, "sub"), StringComparison.Ordinal) is >= 0 and int at
            ? Point(text, at)
            : throw new JinjaError("substring not found"),
        "count" => a => a.Expect("sub").Text(0, "sub") is { Length: > 0 } part
            ? (long)text.AsSpan().Count(part)
            : PythonText.Length(text) + 1L,
        "removeprefix" => a => a.Text(0, "prefix") is string prefix && text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text,
        "removesuffix" => a => a.Text(0, "suffix") is string suffix && text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text,
        "partition" => a => Partition(text, a.Text(0, "sep"), text.IndexOf(a.Text(0, "sep"), StringComparison.Ordinal), fromRight: false),
        "rpartition" => a => Partition(text, a.Text(0, "sep"), text.LastIndexOf(a.Text(0, "sep"), StringComparison.Ordinal), fromRight: true),
        "isdigit" => a => text.Length > 0 && text.All(char.IsDigit),
        "isalpha" => a => text.Length > 0 && text.All(char.IsLetter),
        "isalnum" => a => text.Length > 0 && text.All(char.IsLetterOrDigit),
        "isspace" => a => text.Length > 0 && text.All(PythonText.IsSpace),
        "isupper" => a => text != text.ToLowerInvariant() && text == text.ToUpperInvariant(),
        "islower" => a => text != text.ToUpperInvariant() && text == text.ToLowerInvariant(),
        _ => null,
    };

    private static Func<Arguments, object?>? OfList(PythonList list, string name) => name switch
    {
        "count" => a => (long)list.Items.Count(item => PythonValues.AreEqual(item, a.Get(0, "value"))),
        "index" => a => list.Items.FindIndex(item => PythonValues.AreEqual(item, a.Get(0, "value"))) is >= 0 and int at
            ? (long)at
            : throw new JinjaError($"{PythonValues.Representation(a.Get(0, "value"))} is not in list"),
        "copy" => a => new PythonList([.. list.Items], list.IsTuple),
        _ when s_changing.AsSpan(0, 8).Contains(name) && !list.IsTuple => a => throw Unsafe(name, "list"),
        _ => null,
    };

    private static Func<Arguments, object?>? OfMap(PythonMap map, string name) => name switch
    {
        "get" => a => map.TryGet(a.Expect("key", "default").Get(0, "key"), out object? value) ? value : a.Get(1, "default", null),
        "items" => a => Items(map),
        "keys" => a => new PythonList([.. map.Keys]),
        "values" => a => new PythonList([.. map.Values]),
        "copy" => a => Copy(map),
        "pop" or "clear" or "update" or "setdefault" or "popitem" => a => throw Unsafe(name, "dict"),
        _ => null,
    };

    public static PythonList Items(PythonMap map) => new([.. map.Items.Select(item => new PythonList([item.Key, item.Value], isTuple: true))]);

    public static string Join(string separator, object? items, JinjaBudget budget)
    {
        List<string> parts = [];
        foreach (object? item in PythonValues.Iterate(items))
        {
            parts.Add(item as string ?? throw new JinjaError($"sequence item {parts.Count}: expected str instance, {PythonValues.TypeName(item)} found"));
            budget.Charge(separator.Length + parts[^1].Length);
        }
        return string.Join(separator, parts);
    }

    public static string Replace(string text, string old, string replacement, long most, JinjaBudget budget)
    {
        List<string> parts = old.Length > 0
            ? PythonText.Split(text, old, most, fromRight: false)
            : most < 0 ? ["", .. PythonText.Points(text), ""] : throw new JinjaError("replace() of an empty string with a count is not supported");
        budget.Charge(text.Length + (long)replacement.Length * parts.Count);
        return string.Join(replacement, parts);
    }

    private static PythonMap Copy(PythonMap map)
    {
        PythonMap copy = new();
        foreach ((object? key, object? value) in map.Items)
            copy[key] = value;
        return copy;
    }

    private static string? Characters(Arguments arguments) =>
        arguments.Expect("chars").Get(0, "chars", null) is null ? null : arguments.Text(0, "chars");

    private static string Tail(string text, Arguments arguments) =>
        PythonOperators.Sliced(text, arguments.Get(1, "start", null), null, null) as string ?? "";

    /// <summary>The argument, or any item of it when it is a tuple.</summary>
    private static object AnyOf(Arguments arguments, string name, Func<string, bool> holds) =>
        arguments.Get(0, name) is PythonList { IsTuple: true } many ? many.Items.OfType<string>().Any(holds) : holds(arguments.Text(0, name));

    private static object Point(string text, int index) => index < 0 ? -1L : (long)PythonText.Length(text[..index]);

    private static PythonList Partition(string text, string separator, int at, bool fromRight) => new(
        at >= 0 ? [text[..at], separator, text[(at + separator.Length)..]] : fromRight ? ["", "", text] : [text, "", ""], isTuple: true);

    private static PythonList List(IEnumerable<string> items) => new([.. items]);

    private static JinjaError Unsafe(string name, string type) =>
        new($"access to attribute '{name}' of '{type}' object is unsafe.");
}
