using Seal.Learning;
using Spectre.Console;
using Grid = Seal.Learning.FewShot.Grid;

namespace Seal.Cli;

/// <summary>A story on a terminal: grids as coloured cells where the terminal has colours, as digits elsewhere.</summary>
internal static class StoryDrawing
{
    private static readonly Color[] s_colours =
    [
        new(0, 0, 0), new(0, 116, 217), new(255, 65, 54), new(46, 204, 64), new(255, 220, 0),
        new(170, 170, 170), new(240, 18, 190), new(255, 133, 27), new(127, 219, 255), new(135, 12, 37),
    ];

    public static void Write(Terminal terminal, IReadOnlyList<StoryPart> story)
    {
        IAnsiConsole? coloured = terminal.Coloured;
        foreach (StoryPart part in story)
        {
            terminal.Out.WriteLine($"{part.Title}\n");
            if (part is StoryText text)
                terminal.Out.WriteLine(string.Concat(text.Text.Split('\n').Select(line => $"    {line}\n")));
            if (part is StoryGrids grids)
                foreach ((Grid, Grid?)[] row in grids.Grids.Chunk(5))
                    Draw(row, terminal.Out, coloured);
        }
    }

    /// <summary>Grids side by side: <c>grid → grid</c>, and the next.</summary>
    private static void Draw((Grid Grid, Grid? Becomes)[] row, TextWriter plain, IAnsiConsole? coloured)
    {
        int height = row.Max(pair => Math.Max(pair.Grid.Rows, pair.Becomes?.Rows ?? 0));
        for (int r = 0; r < height; r++)
        {
            Text("    ");
            foreach ((Grid grid, Grid? becomes) in row)
            {
                Cells(grid);
                if (becomes is not null)
                {
                    Text(r == 0 ? " → " : "   ");
                    Cells(becomes);
                }
                Text("    ");
            }
            Text("\n");

            void Cells(Grid grid)
            {
                for (int c = 0; c < grid.Columns; c++)
                    Cell(r < grid.Rows ? grid[r, c] : null);
            }
        }
        Text("\n");

        void Cell(int? colour)
        {
            if (coloured is not null)
                coloured.Write(new Text("  ", colour is { } shown ? new Style(background: s_colours[Math.Clamp(shown, 0, s_colours.Length - 1)]) : Style.Plain));
            else
                plain.Write(colour is null ? " " : colour);
        }

        void Text(string text)
        {
            if (coloured is not null)
                coloured.Write(new Text(text));
            else
                plain.Write(text);
        }
    }
}
