using System.Globalization;
using System.Text;

namespace Seal.Models.Text.Jinja;

/// <summary>Strings as Python has them: sequences of code points, with Python's white space.</summary>
internal static class PythonText
{
    /// <summary><c>str.isspace</c>: White_Space and the four separators U+001C to U+001F.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    /// <summary>How much of <paramref name="text"/> remains when the white space at its end is taken.</summary>
    public static int TrimmedEnd(string text)
    {
        int end = text.Length;
        while (end > 0 && IsSpace(text[end - 1]))
            end--;
        return end;
    }

    public static string Strip(string text, string? characters, bool left, bool right)
    {
        int start = 0, end = text.Length;
        while (left && start < end && Goes(text[start]))
            start++;
        while (right && end > start && Goes(text[end - 1]))
            end--;
        return text[start..end];

        bool Goes(char c) => characters is null ? IsSpace(c) : characters.Contains(c);
    }

    public static int Length(string text)
    {
        int pairs = 0;
        for (int i = 0; i + 1 < text.Length; i++)
            if (char.IsSurrogatePair(text[i], text[i + 1]))
                pairs++;
        return text.Length - pairs;
    }

    /// <summary>One string a code point.</summary>
    public static List<string> Points(string text)
    {
        List<string> points = new(text.Length);
        for (int i = 0; i < text.Length; i++)
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                points.Add(text.Substring(i++, 2));
            else
                points.Add(text[i].ToString());
        return points;
    }

    /// <summary>Order by code points, which UTF-16 order is not for astral ones.</summary>
    public static int Compare(string left, string right)
    {
        int i = left.AsSpan().CommonPrefixLength(right);
        if (i == left.Length || i == right.Length)
            return left.Length.CompareTo(right.Length);
        char a = left[i], b = right[i];
        return char.IsSurrogate(a) != char.IsSurrogate(b) ? (char.IsSurrogate(a) ? 1 : -1) : a.CompareTo(b);
    }

    public static List<string> Lines(string text, bool keepEnds)
    {
        List<string> lines = [];
        for (int start = 0; start < text.Length;)
        {
            int end = start;
            while (end < text.Length && text[end] is not ('\n' or '\r' or '\v' or '\f' or (>= '\x1c' and <= '\x1e') or '\x85' or '\u2028' or '\u2029'))
                end++;
            int next = end + (end < text.Length ? text.AsSpan(end).StartsWith("\r\n") ? 2 : 1 : 0);
            lines.Add(text[start..(keepEnds ? next : end)]);
            start = next;
        }
        return lines;
    }

    /// <summary><c>str.split</c> and <c>str.rsplit</c>; without a separator, at runs of white space.</summary>
    public static List<string> Split(string text, string? separator, long most, bool fromRight)
    {
        if (separator is null)
            return SplitAtSpace(text, most, fromRight);
        if (separator.Length == 0)
            throw new JinjaError("empty separator");
        List<string> parts = [];
        if (fromRight)
        {
            int end = text.Length;
            while (most-- != 0 && end > 0 && text.AsSpan(0, end).LastIndexOf(separator) is >= 0 and int at)
            {
                parts.Add(text[(at + separator.Length)..end]);
                end = at;
            }
            parts.Add(text[..end]);
            parts.Reverse();
            return parts;
        }
        int start = 0;
        while (most-- != 0 && text.AsSpan(start).IndexOf(separator) is >= 0 and int offset)
        {
            parts.Add(text.Substring(start, offset));
            start += offset + separator.Length;
        }
        parts.Add(text[start..]);
        return parts;
    }

    private static List<string> SplitAtSpace(string text, long most, bool fromRight)
    {
        List<string> parts = [];
        int start = 0, end = text.Length;
        while (true)
        {
            while (start < end && IsSpace(text[start]))
                start++;
            while (fromRight && end > start && IsSpace(text[end - 1]))
                end--;
            if (start == end)
                break;
            int at = fromRight ? end : start;
            if (most-- == 0)
            {
                parts.Add(fromRight ? text[..end] : text[start..]);
                break;
            }
            if (fromRight)
            {
                while (at > start && !IsSpace(text[at - 1]))
                    at--;
                parts.Add(text[at..end]);
                end = at;
            }
            else
            {
                while (at < end && !IsSpace(text[at]))
                    at++;
                parts.Add(text[start..at]);
                start = at;
            }
        }
        if (fromRight)
            parts.Reverse();
        return parts;
    }

    public static string Upper(string text) => text.ToUpperInvariant().Replace("ß", "SS", StringComparison.Ordinal);

    public static string Lower(string text) => text.ToLowerInvariant();

    public static string Capitalize(string text)
    {
        if (text.Length == 0)
            return text;
        int first = char.IsSurrogatePair(text, 0) && text.Length > 1 ? 2 : 1;
        return text[..first].ToUpperInvariant() + text[first..].ToLowerInvariant();
    }

    /// <summary><c>str.title</c>: upper case behind whatever is no cased letter.</summary>
    public static string Title(string text)
    {
        StringBuilder title = new(text.Length);
        bool insideWord = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            title.Append(insideWord ? Rune.ToLowerInvariant(rune) : Rune.ToUpperInvariant(rune));
            insideWord = Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter;
        }
        return title.ToString();
    }

    /// <summary><c>repr</c> of a string.</summary>
    public static string Quote(string text)
    {
        char quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        StringBuilder quoted = new(text.Length + 2);
        quoted.Append(quote);
        foreach (Rune rune in text.EnumerateRunes())
            switch (rune.Value)
            {
                case '\n': quoted.Append("\\n"); break;
                case '\r': quoted.Append("\\r"); break;
                case '\t': quoted.Append("\\t"); break;
                case '\\': quoted.Append("\\\\"); break;
                case int c when c == quote: quoted.Append('\\').Append(quote); break;
                case int c when c != ' ' && Rune.GetUnicodeCategory(rune) is (UnicodeCategory.Control or UnicodeCategory.Format
                    or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator):
                    quoted.Append(c < 256 ? $"\\x{c:x2}" : c < 65536 ? $"\\u{c:x4}" : $"\\U{c:x8}");
                    break;
                default: quoted.Append(rune.ToString()); break;
            }
        return quoted.Append(quote).ToString();
    }

    /// <summary><c>repr</c> of a float: the shortest digits that read back, with an exponent under 1e-4 and from 1e16.</summary>
    public static string Number(double value)
    {
        if (double.IsNaN(value))
            return "nan";
        if (double.IsInfinity(value))
            return value > 0 ? "inf" : "-inf";
        string text = value.ToString("E16", CultureInfo.InvariantCulture);
        int exponent = value == 0 ? 0 : int.Parse(text[(text.IndexOf('E') + 1)..], CultureInfo.InvariantCulture);
        string shortest = value.ToString("R", CultureInfo.InvariantCulture);
        if (exponent is < -4 or >= 16)
        {
            int at = shortest.IndexOf('E');
            string digits = at >= 0 ? shortest[..at] : Mantissa(shortest);
            return $"{digits}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }
        decimal plain = 0;
        if (shortest.Contains('E') && decimal.TryParse(shortest, NumberStyles.Float, CultureInfo.InvariantCulture, out plain))
            shortest = plain.ToString(CultureInfo.InvariantCulture);
        return shortest.Contains('.') ? shortest : shortest + ".0";

        static string Mantissa(string plain)
        {
            string sign = plain.StartsWith('-') ? "-" : "";
            string digits = plain.TrimStart('-').Replace(".", "", StringComparison.Ordinal).TrimStart('0').TrimEnd('0');
            return sign + (digits.Length > 1 ? $"{digits[0]}.{digits[1..]}" : digits);
        }
    }
}
