using System.Globalization;

namespace Seal.Models.Text.Jinja;

/// <summary>jinja2's filters, as far as they make sense in a chat template. The first argument is the filtered value.</summary>
internal static class JinjaFilters
{
    public static object? Apply(string name, Arguments arguments, JinjaInterpreter interpreter)
    {
        object? value = arguments.Get(0, "value");
        arguments.Budget.ChargeReading(value);
        switch (name)
        {
            case "default" or "d":
                return value is Undefined || (arguments.Flag(2, "boolean") && !PythonValues.IsTrue(value)) ? arguments.Get(1, "default_value", "") : value;
            case "tojson": return JsonText.Write(arguments);
            case "length" or "count": return PythonValues.Length(value);
            case "string": return PythonValues.Text(value);
            case "safe": return PythonValues.Text(value);
            case "trim": return PythonText.Strip(PythonValues.Text(value), arguments.Get(1, "chars", null) as string, left: true, right: true);
            case "upper": return PythonText.Upper(PythonValues.Text(value));
            case "lower": return PythonText.Lower(PythonValues.Text(value));
            case "capitalize": return PythonText.Capitalize(PythonValues.Text(value));
            case "title": return Title(PythonValues.Text(value));
            case "escape" or "e": return Escape(PythonValues.Text(value));
            case "format":
                return PythonFormat.Percent(PythonValues.Text(value), arguments.Positional[1..]);
            case "replace":
                return PythonMethods.Replace(PythonValues.Text(value), PythonValues.Text(arguments.Get(1, "old")), PythonValues.Text(arguments.Get(2, "new")),
                    arguments.Get(3, "count", null) is null ? -1 : arguments.Integer(3, "count", -1), arguments.Budget);
            case "indent": return Indent(arguments);
            case "wordcount": return (long)PythonText.Split(PythonValues.Text(value), null, -1, fromRight: false).Count;
            case "int": return ToInteger(value, arguments);
            case "float": return ToFloat(value, arguments);
            case "abs": return PythonOperators.Sign(PythonValues.Compare(value, 0L, "<") < 0 ? "-" : "+", value);
            case "round": return Round(value, arguments);
            case "attr": return interpreter.Attribute(value, arguments.Text(1, "name"));
            case "items":
                return value is Undefined ? new PythonList([])
                    : value is PythonMap map ? PythonMethods.Items(map)
                    : throw new JinjaError("Can only get item pairs from a mapping.");
            default:
                return JinjaListFilters.TryApply(name, value, arguments, interpreter, out object? result)
                    ? result
                    : throw new JinjaError($"No filter named '{name}'.");
        }
    }

    /// <summary>Unlike <c>str.title</c>, words begin behind white space, a dash or an opening bracket only.</summary>
    private static string Title(string text)
    {
        char[] title = text.ToLowerInvariant().ToCharArray();
        for (int i = 0; i < title.Length; i++)
            if (i == 0 || PythonText.IsSpace(text[i - 1]) || text[i - 1] is '-' or '(' or '{' or '[' or '<')
                title[i] = char.ToUpperInvariant(title[i]);
        return new string(title);
    }

    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal);

    private static string Indent(Arguments arguments)
    {
        arguments.Expect("s", "width", "first", "blank");
        object? width = arguments.Get(1, "width", 4L);
        string indent = width as string ?? new string(' ', (int)Math.Clamp(PythonValues.ToInteger(width), 0, 1000));
        bool blank = arguments.Flag(3, "blank");
        List<string> lines = PythonText.Lines(PythonValues.Text(arguments.Get(0, "s")) + "\n", keepEnds: false);
        arguments.Budget.Charge((long)indent.Length * lines.Count);
        string text = string.Join('\n', lines.Select((line, i) => i > 0 && (blank || line.Length > 0) ? indent + line : line));
        return arguments.Flag(2, "first") ? indent + text : text;
    }

    private static object? ToInteger(object? value, Arguments arguments)
    {
        arguments.Expect("value", "default", "base");
        switch (value)
        {
            case bool or long: return PythonValues.ToInteger(value);
            case double d when Math.Abs(d) < 9e18: return (long)d;
            case string text:
                string digits = PythonText.Strip(text, null, true, true).Replace("_", "", StringComparison.Ordinal);
                if (arguments.Integer(2, "base", 10) == 16)
                    return long.TryParse(digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? digits[2..] : digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long hex)
                        ? hex
                        : arguments.Get(1, "default", 0L);
                if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer))
                    return integer;
                if (double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && Math.Abs(number) < 9e18)
                    return (long)number;
                break;
        }
        return arguments.Get(1, "default", 0L);
    }

    private static object? ToFloat(object? value, Arguments arguments) => value switch
    {
        bool or long or double => PythonValues.ToDouble(value),
        string text when double.TryParse(PythonText.Strip(text, null, true, true), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
        _ => arguments.Get(1, "default", 0.0),
    };

    private static object Round(object? value, Arguments arguments)
    {
        arguments.Expect("value", "precision", "method");
        int precision = (int)Math.Clamp(arguments.Integer(1, "precision", 0), 0, 15);
        string method = PythonValues.Text(arguments.Get(2, "method", "common"));
        if (method == "common")
            return value is bool or long ? value : Math.Round(PythonValues.ToDouble(value), precision, MidpointRounding.ToEven);
        double scale = Math.Pow(10, precision);
        double scaled = PythonValues.ToDouble(value) * scale;
        return method switch
        {
            "ceil" => Math.Ceiling(scaled) / scale,
            "floor" => Math.Floor(scaled) / scale,
            _ => throw new JinjaError("method must be common, ceil or floor"),
        };
    }
}
