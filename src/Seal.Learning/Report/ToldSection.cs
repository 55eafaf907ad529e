using System.Xml.Linq;
using Seal.Learning.FewShot;
using static Seal.Learning.Report.Markup;

namespace Seal.Learning.Report;

/// <summary>One task's story: texts as they were read and written, grids as coloured squares.</summary>
internal static class ToldSection
{
    private const int Cell = 12;

    // Black first, then as the puzzles' site paints them.
    private static readonly string[] s_colours = ["#000000", "#0074d9", "#ff4136", "#2ecc40", "#ffdc00", "#aaaaaa", "#f012be", "#ff851b", "#7fdbff", "#870c25"];

    public static XElement? Draw(IReadOnlyList<StoryPart> told) => told.Count == 0 ? null : Tag("section", Set("id", "story"), Tag("h2", "One of them"), told.Select(Part));

    private static object[] Part(StoryPart part) =>
    [
        Tag("h4", part.Title),
        part switch
        {
            StoryText text => Verbatim(text.Text, "(nothing)"),
            StoryGrids { Grids.Count: > 0 } grids => Styled("div", "grids", grids.Grids.Select(pair => Styled("div", "becomes",
                Square(pair.Grid), pair.Becomes is null ? "" : Tag("span", "→"), pair.Becomes is null ? "" : Square(pair.Becomes)))),
            _ => Tag("p", "(none)"),
        },
    ];

    private static XElement Square(Grid grid) => Tag("svg",
        Set("viewBox", $"0 0 {grid.Columns * Cell} {grid.Rows * Cell}"), Set("style", $"width:{grid.Columns * Cell}px"), Set("role", "img"), Set("aria-label", GridText.Write(grid, GridForm.Digits)),
        Enumerable.Range(0, grid.Rows * grid.Columns).Select(i => Tag("rect",
            Set("x", i % grid.Columns * Cell), Set("y", i / grid.Columns * Cell), Set("width", Cell), Set("height", Cell),
            Set("fill", s_colours[Math.Clamp(grid.Cells[i], 0, s_colours.Length - 1)]), Set("stroke", "#666"))));
}
