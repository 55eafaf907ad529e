using System.Globalization;

namespace Seal.Learning.FewShot;

/// <summary>
/// Grids as texts and back. Numpy's default: one space between cells, the rows after the first behind a space.
/// </summary>
public static class GridText
{
    private static readonly char[] s_spaces = [' ', '\t', '\n', '\r', '\v', '\f'];

    public static string Write(Grid grid, GridForm form = GridForm.Numpy) => form == GridForm.Numpy
        ? grid.ToString()
        : string.Join('\n', Enumerable.Range(0, grid.Rows).Select(r => string.Concat(grid.Row(r).ToArray())));

    /// <summary>
    /// The grid that a model answered, up to the terminator <c>#</c>; null where it is none: a row of another length, a word that is no
    /// colour, a side above 30.
    /// </summary>
    public static Grid? Read(string answer, GridForm form = GridForm.Numpy)
    {
        int end = answer.IndexOf('#', StringComparison.Ordinal);
        string text = (end < 0 ? answer : answer[..end]).Trim();
        if (text.Length == 0)
            return null;
        var rows = new List<int[]>();
        foreach (string line in text.Split('\n'))
        {
            if (Row(line, form) is not { Length: > 0 } row)
                return null;
            rows.Add(row);
        }
        return rows.Count <= Grid.MaxSide && rows[0].Length <= Grid.MaxSide && rows.All(row => row.Length == rows[0].Length && row.All(cell => cell is >= 0 and < Grid.Colours))
            ? Grid.Of(rows)
            : null;
    }

    /// <summary>
    /// The published reading: terminators dropped wherever they are, double spaces made single in one pass, brackets removed, the numbers
    /// laid into as many rows as there are newlines and one: so ragged rows may still make a grid, and any number is a colour.
    /// </summary>
    public static Grid? ReadAsPublished(string answer)
    {
        string text = answer.Replace("#", "", StringComparison.Ordinal).Replace("  ", " ", StringComparison.Ordinal)
            .Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);
        if (Numbers(text) is not { Length: > 0 } numbers)
            return null;
        int rows = text.Count(c => c == '\n') + 1;
        return numbers.Length % rows == 0 ? new Grid(rows, numbers.Length / rows, numbers) : null;
    }

    private static int[]? Row(string line, GridForm form) => form == GridForm.Numpy
        ? Numbers(line.Replace('[', ' ').Replace(']', ' '))
        : line.All(char.IsAsciiDigit) ? [.. line.Select(digit => digit - '0')] : null;

    private static int[]? Numbers(string text)
    {
        var numbers = new List<int>();
        foreach (string word in text.Split(s_spaces, StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
                return null;
            numbers.Add(number);
        }
        return [.. numbers];
    }
}
