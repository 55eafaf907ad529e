using System.Globalization;
using System.Text;

namespace Seal.Models.Text;

/// <summary>
/// Unicode normalization form C (UAX 15), which Qwen2's tokenizer asks for. Own tables, because the program runs in
/// .NET's invariant globalization mode (no ICU to install), where <see cref="string.Normalize()"/> changes nothing.
/// </summary>
internal static class Nfc
{
    // Hangul syllables: arithmetic of the Unicode Standard, section 3.12.
    private const int SBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7;
    private const int LCount = 19, VCount = 21, TCount = 28, SCount = LCount * VCount * TCount;

    private static readonly Lazy<Tables> s_tables = new(Tables.Read);

    public static string Normalize(ReadOnlySpan<char> text)
    {
        // Nothing below U+0300 combines or decomposes in form C.
        if (!text.ContainsAnyInRange('\u0300', '\uFFFF'))
            return text.ToString();
        Tables tables = s_tables.Value;
        List<(int Point, int Class)> points = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            Decompose(rune.Value, tables, points);
        Order(points);
        return Compose(points, tables);
    }

    private static void Decompose(int point, Tables tables, List<(int, int)> output)
    {
        if ((uint)(point - SBase) < SCount)
        {
            int syllable = point - SBase;
            output.Add((LBase + syllable / (VCount * TCount), 0));
            output.Add((VBase + syllable % (VCount * TCount) / TCount, 0));
            if (syllable % TCount != 0)
                output.Add((TBase + syllable % TCount, 0));
        }
        else if (tables.Decomposition.TryGetValue(point, out (int First, int Second) parts))
        {
            Decompose(parts.First, tables, output);
            if (parts.Second != 0)
                Decompose(parts.Second, tables, output);
        }
        else
            output.Add((point, tables.CombiningClass.GetValueOrDefault(point)));
    }

    /// <summary>Marks between two starters in order of their class, stable.</summary>
    private static void Order(List<(int Point, int Class)> points)
    {
        for (int i = 0; i < points.Count; i++)
        {
            int end = i;
            while (end < points.Count && points[end].Class != 0)
                end++;
            if (end - i > 1)
            {
                (int, int)[] sorted = [.. points.GetRange(i, end - i).OrderBy(point => point.Class)];
                for (int k = 0; k < sorted.Length; k++)
                    points[i + k] = sorted[k];
            }
            i = end;
        }
    }

    private static string Compose(List<(int Point, int Class)> points, Tables tables)
    {
        int starter = -1;
        int count = 0;
        int lastClass = -1;
        for (int i = 0; i < points.Count; i++)
        {
            (int point, int combining) = points[i];
            // A mark of the same class, or a starter, between it and the starter blocks the pair.
            if (starter >= 0 && lastClass < combining && TryPair(points[starter].Point, point, tables, out int composed))
            {
                points[starter] = (composed, 0);
                continue;
            }
            if (combining == 0)
            {
                starter = count;
                lastClass = -1;
            }
            else
                lastClass = combining;
            points[count++] = (point, combining);
        }
        StringBuilder text = new(count);
        Span<char> utf16 = stackalloc char[2];
        for (int i = 0; i < count; i++)
            text.Append(utf16[..new Rune(points[i].Point).EncodeToUtf16(utf16)]);
        return text.ToString();
    }

    private static bool TryPair(int first, int second, Tables tables, out int composed)
    {
        if ((uint)(first - LBase) < LCount && (uint)(second - VBase) < VCount)
        {
            composed = SBase + ((first - LBase) * VCount + second - VBase) * TCount;
            return true;
        }
        if ((uint)(first - SBase) < SCount && (first - SBase) % TCount == 0 && second - TBase is > 0 and < TCount)
        {
            composed = first + second - TBase;
            return true;
        }
        return tables.Composition.TryGetValue((first, second), out composed);
    }

    private sealed class Tables
    {
        public Dictionary<int, (int First, int Second)> Decomposition { get; } = [];

        public Dictionary<(int, int), int> Composition { get; } = [];

        public Dictionary<int, int> CombiningClass { get; } = [];

        /// <summary>Reads Nfc.txt, whose head explains its lines.</summary>
        public static Tables Read()
        {
            Tables tables = new();
            using Stream stream = typeof(Nfc).Assembly.GetManifestResourceStream("Seal.Models.Text.Nfc.txt")!;
            using StreamReader reader = new(stream);
            while (reader.ReadLine() is { } line)
            {
                string[] fields = line.Split(' ');
                if (fields[0] == "^")
                    foreach (string range in fields[2..])
                    {
                        int[] ends = [.. range.Split('-').Select(Hex)];
                        for (int point = ends[0]; point <= ends[^1]; point++)
                            tables.CombiningClass[point] = int.Parse(fields[1], CultureInfo.InvariantCulture);
                    }
                else if (fields[0] is "=" or ">")
                {
                    (int First, int Second) parts = (Hex(fields[2]), fields.Length > 3 ? Hex(fields[3]) : 0);
                    tables.Decomposition[Hex(fields[1])] = parts;
                    if (fields[0] == "=")
                        tables.Composition[parts] = Hex(fields[1]);
                }
            }
            return tables;
        }

        private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
