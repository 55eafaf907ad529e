using System.Xml.Linq;
using static Seal.Learning.Report.Markup;

namespace Seal.Learning.Report;

/// <summary>A table that scrolls by itself where it is wider than the page.</summary>
internal static class DataTable
{
    /// <param name="numbersFrom">The first column of numbers, set to the right.</param>
    /// <param name="rows">Cells: text or elements.</param>
    public static XElement Draw(string caption, IReadOnlyList<string> columns, int numbersFrom, IEnumerable<IReadOnlyList<object>> rows) => Styled(
        "div", "scroll", Set("role", "region"), Set("tabindex", 0), Set("aria-label", caption),
        Tag("table",
            Tag("caption", caption),
            Tag("thead", Tag("tr", columns.Select((column, i) => Cell("th", i >= numbersFrom, Set("scope", "col"), column)))),
            Tag("tbody", rows.Select(row => Tag("tr", row.Select((cell, i) =>
                i == 0 ? Cell("th", false, Set("scope", "row"), cell) : Cell("td", i >= numbersFrom, null, cell)))))));

    private static XElement Cell(string name, bool number, XAttribute? scope, object content) =>
        Tag(name, number ? Set("class", "n") : null, scope, content);
}
