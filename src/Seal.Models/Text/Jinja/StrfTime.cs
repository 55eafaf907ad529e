using System.Globalization;
using System.Text;

namespace Seal.Models.Text.Jinja;

/// <summary>C's strftime in the C locale, for <c>strftime_now</c>.</summary>
internal static class StrfTime
{
    public static string Format(DateTimeOffset time, string format)
    {
        StringBuilder text = new();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }
            bool unpadded = i + 1 < format.Length && format[i + 1] == '-';
            i += unpadded ? 2 : 1;
            if (i >= format.Length)
                throw new JinjaError($"strftime_now: '{format}' ends in the midst of a directive");
            string part = Directive(time, format[i]);
            text.Append(unpadded ? part.TrimStart('0', ' ') is { Length: > 0 } bare ? bare : "0" : part);
        }
        return text.ToString();
    }

    private static string Directive(DateTimeOffset time, char directive)
    {
        return directive switch
        {
            'Y' => In("yyyy"),
            'y' => In("yy"),
            'm' => In("MM"),
            'd' => In("dd"),
            'e' => Day(),
            'H' => In("HH"),
            'I' => In("hh"),
            'M' => In("mm"),
            'S' => In("ss"),
            'f' => In("ffffff"),
            'p' => In("tt"),
            'B' => In("MMMM"),
            'b' or 'h' => In("MMM"),
            'A' => In("dddd"),
            'a' => In("ddd"),
            'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            'u' => (((int)time.DayOfWeek + 6) % 7 + 1).ToString(CultureInfo.InvariantCulture),
            'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'F' => In("yyyy-MM-dd"),
            'T' or 'X' => In("HH:mm:ss"),
            'R' => In("HH:mm"),
            'D' or 'x' => In("MM/dd/yy"),
            'c' => $"{In("ddd MMM ")}{Day()}{In(" HH:mm:ss yyyy")}",
            // A naive time, as Python's datetime.now() is, has no zone.
            'z' or 'Z' => "",
            'n' => "\n",
            't' => "\t",
            '%' => "%",
            _ => throw new JinjaError($"strftime_now: the directive %{directive} is not supported"),
        };

        string In(string pattern) => time.ToString(pattern, CultureInfo.InvariantCulture);

        string Day() => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2);
    }
}
