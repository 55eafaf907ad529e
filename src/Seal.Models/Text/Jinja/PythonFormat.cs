using System.Globalization;
using System.Text;

namespace Seal.Models.Text.Jinja;

/// <summary>Python's two ways to put values into a text: <c>'%s' % x</c> and <c>'{}'.format(x)</c>, with the usual formats.</summary>
internal static class PythonFormat
{
    public static string Percent(string format, IReadOnlyList<object?> values)
    {
        StringBuilder text = new();
        int used = 0;
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }
            int start = ++i;
            while (i < format.Length && (char.IsAsciiDigit(format[i]) || format[i] is '.' or '-' or '+' or ' ' or '#'))
                i++;
            if (i >= format.Length)
                throw new JinjaError("incomplete format");
            if (format[i] == '%')
            {
                text.Append('%');
                continue;
            }
            if (used >= values.Count)
                throw new JinjaError("not enough arguments for format string");
            string options = format[start..i];
            object? value = values[used++];
            text.Append(format[i] switch
            {
                's' => Layout(PythonValues.Text(value), AsRight(options)),
                'r' => Layout(PythonValues.Representation(value), AsRight(options)),
                'd' or 'i' => Apply(value is double d ? (long)d : PythonValues.ToInteger(value), AsRight(options) + "d"),
                'f' or 'F' => Apply(PythonValues.ToDouble(value), AsRight(options) + "f"),
                'x' => Apply(PythonValues.ToInteger(value), AsRight(options) + "x"),
                char other => throw new JinjaError($"unsupported format character '{other}'"),
            });
        }
        return used == values.Count ? text.ToString() : throw new JinjaError("not all arguments converted during string formatting");

        // '%5s' stands right and '%-5s' left.
        static string AsRight(string options) => options.StartsWith('-') ? "<" + options[1..] : options.Length > 0 && options[0] is >= '1' and <= '9' ? ">" + options : options;
    }

    public static string Braces(string format, Arguments arguments)
    {
        StringBuilder text = new();
        int next = 0;
        for (int i = 0; i < format.Length; i++)
        {
            char c = format[i];
            if (c is ('{' or '}') && i + 1 < format.Length && format[i + 1] == c)
                text.Append(format[i++]);
            else if (c == '{')
            {
                int end = format.IndexOf('}', i);
                if (end < 0)
                    throw new JinjaError("expected '}' before end of string");
                string[] parts = format[(i + 1)..end].Split(':', 2);
                string[] field = parts[0].Split('!', 2);
                object? value = Field(field[0]);
                if (field.Length > 1)
                    value = field[1] == "r" ? PythonValues.Representation(value) : PythonValues.Text(value);
                text.Append(Apply(value, parts.Length > 1 ? parts[1] : ""));
                i = end;
            }
            else if (c == '}')
                throw new JinjaError("Single '}' encountered in format string");
            else
                text.Append(c);
        }
        return text.ToString();

        object? Field(string name)
        {
            if (name.Length == 0)
                name = (next++).ToString(CultureInfo.InvariantCulture);
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
                return index < arguments.Positional.Count ? arguments.Positional[index] : throw new JinjaError("Replacement index out of range for positional args tuple");
            return arguments.Named.TryGetValue(name, out object? value) ? value : throw new JinjaError($"format() misses the argument '{name}'");
        }
    }

    /// <summary>[[fill]align][0][width][,][.precision][type], type one of d f x % s.</summary>
    private static string Apply(object? value, string specification)
    {
        if (specification.Length == 0)
            return PythonValues.Text(value);
        char type = char.IsAsciiLetter(specification[^1]) || specification[^1] == '%' ? specification[^1] : '\0';
        string rest = type == '\0' ? specification : specification[..^1];
        int point = rest.IndexOf('.');
        int precision = point < 0 ? -1 : Number(rest[(point + 1)..]);
        if (point >= 0)
            rest = rest[..point];
        bool groups = rest.EndsWith(',');
        if (groups)
            rest = rest[..^1];
        string? digits = (type, value) switch
        {
            ('d' or '\0', bool or long) when precision < 0 => PythonValues.ToInteger(value).ToString(groups ? "N0" : "D", CultureInfo.InvariantCulture),
            ('x', _) => PythonValues.ToInteger(value).ToString("x", CultureInfo.InvariantCulture),
            ('f', _) => PythonValues.ToDouble(value).ToString((groups ? "N" : "F") + (precision < 0 ? 6 : precision), CultureInfo.InvariantCulture),
            ('%', _) => (PythonValues.ToDouble(value) * 100).ToString("F" + (precision < 0 ? 6 : precision), CultureInfo.InvariantCulture) + "%",
            ('\0' or 's', _) => null,
            _ => throw new JinjaError($"the format '{specification}' is not supported for '{PythonValues.TypeName(value)}'"),
        };
        if (digits is not null)
            return Layout(digits, rest.Length > 0 && char.IsAsciiDigit(rest[0]) && rest[0] != '0' ? ">" + rest : rest);
        string text = PythonValues.Text(value);
        return Layout(precision >= 0 ? string.Concat(PythonText.Points(text).Take(precision)) : text, rest);
    }

    private static string Layout(string text, string layout)
    {
        char fill = ' ';
        char align = '<';
        if (layout.Length > 1 && layout[1] is ('<' or '>' or '^'))
        {
            fill = layout[0];
            align = layout[1];
            layout = layout[2..];
        }
        else if (layout.Length > 0 && layout[0] is ('<' or '>' or '^'))
        {
            align = layout[0];
            layout = layout[1..];
        }
        else if (layout.StartsWith('0'))
        {
            int zeros = Number(layout) - text.Length;
            int sign = text.StartsWith('-') ? 1 : 0;
            return zeros > 0 ? text[..sign] + new string('0', zeros) + text[sign..] : text;
        }
        int missing = (layout.Length == 0 ? 0 : Number(layout)) - PythonText.Length(text);
        if (missing <= 0)
            return text;
        int before = align switch { '<' => 0, '>' => missing, _ => missing / 2 };
        return new string(fill, before) + text + new string(fill, missing - before);
    }

    /// <summary>A width or precision; more than 10,000 is taken for an attack.</summary>
    private static int Number(string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= 10_000
            ? number
            : throw new JinjaError($"the format's '{digits}' is no supported width or precision");
}
