using System.Globalization;
using System.Text;

namespace Seal.Models.Text.Jinja;

/// <summary><c>tojson</c> as Hugging Face's templates have it: Python's <c>json.dumps(x, ensure_ascii=False)</c>, without HTML escapes.</summary>
internal sealed class JsonText
{
    private readonly StringBuilder _text = new();
    private readonly string? _indent;
    private readonly string _comma;
    private readonly string _colon;
    private readonly bool _ascii;
    private readonly bool _sorted;
    private readonly JinjaBudget _budget;

    private JsonText(Arguments arguments)
    {
        arguments.Expect("value", "ensure_ascii", "indent", "separators", "sort_keys");
        _ascii = arguments.Flag(1, "ensure_ascii");
        object? indent = arguments.Get(2, "indent", null);
        _indent = indent switch
        {
            null => null,
            string text => text,
            _ => new string(' ', (int)Math.Clamp(PythonValues.ToInteger(indent), 0, 1000)),
        };
        (_comma, _colon) = arguments.Get(3, "separators", null) switch
        {
            null => (_indent is null ? ", " : ",", ": "),
            PythonList { Items: [string comma, string colon] } => (comma, colon),
            _ => throw new JinjaError("tojson: separators must be a pair of strings"),
        };
        _sorted = arguments.Flag(4, "sort_keys");
        _budget = arguments.Budget;
    }

    public static string Write(Arguments arguments)
    {
        JsonText json = new(arguments);
        json.Write(arguments.Get(0, "value"), 0);
        return json._text.ToString();
    }

    private void Write(object? value, int depth)
    {
        JinjaStack.Check("tojson");
        _budget.Step();
        switch (value)
        {
            case null: _text.Append("null"); break;
            case bool b: _text.Append(b ? "true" : "false"); break;
            case long n: _text.Append(CultureInfo.InvariantCulture, $"{n}"); break;
            case double d: _text.Append(Number(d)); break;
            case string text: Quote(text); break;
            case PythonList list:
                Items('[', ']', list.Items, item => Write(item, depth + 1), depth);
                break;
            case PythonMap map:
                List<(string Key, object? Value)> items = [.. map.Items.Select(item => (Key(item.Key), item.Value))];
                if (_sorted)
                    items.Sort((left, right) => PythonText.Compare(left.Key, right.Key));
                Items('{', '}', items, item =>
                {
                    Quote(item.Key);
                    _text.Append(_colon);
                    Write(item.Value, depth + 1);
                }, depth);
                break;
            default:
                throw new JinjaError($"Object of type {PythonValues.TypeName(value)} is not JSON serializable");
        }
    }

    private void Items<T>(char open, char close, List<T> items, Action<T> write, int depth)
    {
        _text.Append(open);
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0)
                _text.Append(_comma);
            NewLine(depth + 1);
            write(items[i]);
        }
        if (items.Count > 0)
            NewLine(depth);
        _text.Append(close);
    }

    private void NewLine(int depth)
    {
        if (_indent is null)
            return;
        _budget.Charge((long)_indent.Length * depth);
        _text.Append('\n').Insert(_text.Length, _indent, depth);
    }

    private static string Key(object? key) => key switch
    {
        string text => text,
        null => "null",
        bool b => b ? "true" : "false",
        double d => Number(d),
        long n => n.ToString(CultureInfo.InvariantCulture),
        _ => throw new JinjaError($"keys must be str, int, float, bool or None, not {PythonValues.TypeName(key)}"),
    };

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "Infinity",
        double.NegativeInfinity => "-Infinity",
        double.NaN => "NaN",
        _ => PythonText.Number(value),
    };

    private void Quote(string text)
    {
        _budget.Charge(text.Length);
        _text.Append('"');
        foreach (char c in text)
            switch (c)
            {
                case '"': _text.Append("\\\""); break;
                case '\\': _text.Append("\\\\"); break;
                case '\n': _text.Append("\\n"); break;
                case '\r': _text.Append("\\r"); break;
                case '\t': _text.Append("\\t"); break;
                case '\b': _text.Append("\\b"); break;
                case '\f': _text.Append("\\f"); break;
                case < ' ': _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"); break;
                case > '~' when _ascii: _text.Append(c == '\x7f' ? "\x7f" : $"\\u{(int)c:x4}"); break;
                default: _text.Append(c); break;
            }
        _text.Append('"');
    }
}
