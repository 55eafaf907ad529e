using CsCheck;
using Seal.Learning.FewShot;

namespace Seal.Learning.Tests.FewShot;

public sealed class GridTextTests
{
    [Test]
    public void A_grid_is_written_as_numpy_does()
    {
        Assert.That(GridText.Write(Arc.G("012 345")), Is.EqualTo("[[0 1 2]\n [3 4 5]]"));
        Assert.That(GridText.Write(Arc.G("7")), Is.EqualTo("[[7]]"));
    }

    [Test]
    public void What_is_written_is_read_back_for_every_grid_of_400_tasks()
    {
        int grids = 0;
        foreach (Grid grid in Arc.Training().SelectMany(Arc.GridsOf))
        {
            string answer = TaskText.Answer(grid);
            Assert.That(GridText.Read(answer), Is.EqualTo(grid));
            Assert.That(GridText.ReadAsPublished(answer), Is.EqualTo(grid));
            grids++;
        }
        Assert.That(grids, Is.EqualTo(2 * (1302 + 416)));
    }

    [Test]
    public void What_is_written_is_read_back_for_any_grid() => Arc.AnyGrid.Sample(grid =>
        grid.Equals(GridText.Read(TaskText.Answer(grid))) && grid.Equals(GridText.ReadAsPublished(TaskText.Answer(grid)))
        && grid.Equals(GridText.Read(TaskText.Answer(grid, GridForm.Digits), GridForm.Digits)), iter: 500);

    [Test]
    public void In_digits_a_line_is_a_row()
    {
        Assert.That(TaskText.System([new Pair(Arc.G("01 23"), Arc.G("9"))], GridForm.Digits) + TaskText.User(Arc.G("5"), GridForm.Digits), Is.EqualTo("01\n23>9#\n5>"));
        foreach (string wrong in (string[])["", "#", "12\n3", "1 2", "1a", "12\n\n34", "-1", "١٢", new string('7', 31)])
            Assert.That(GridText.Read(wrong, GridForm.Digits), Is.Null, wrong);
        Assert.That(GridText.Read("12\n34#56", GridForm.Digits), Is.EqualTo(Arc.G("12 34")), "up to the terminator");
    }

    [TestCase("[[1 2]\n [3 4]]#", "12 34", "12 34")]
    [TestCase("[[1 2]\n [3 4]", "12 34", "12 34", TestName = "unbalanced brackets")]
    [TestCase("[[1  2]\n  [3 4]]", "12 34", "12 34", TestName = "double spaces")]
    [TestCase("[[1, 2]]", null, null, TestName = "commas")]
    [TestCase("", null, null, TestName = "nothing")]
    [TestCase("#", null, null, TestName = "the terminator alone")]
    [TestCase("the grid", null, null, TestName = "words")]
    [TestCase("[[1 2]\n [3]]", null, null, TestName = "three cells in two rows")]
    [TestCase("[[1 2 3]\n [4]]", null, "12 34", TestName = "ragged rows that divide evenly")]
    [TestCase("[[1 2]]# and so on", "12", null, TestName = "words after the terminator")]
    [TestCase("[[1 2]]#\n[[3 4]]#", "12", "12 34", TestName = "a second answer")]
    [TestCase("[[1 2]]\n", "12", "1 2", TestName = "a newline at the end is a row, as published")]
    [TestCase("[[1]\n[2]\n\n]", null, null, TestName = "empty rows")]
    public void Answers_are_read(string answer, string? grid, string? published)
    {
        Assert.That(GridText.Read(answer), Is.EqualTo(grid is null ? null : Arc.G(grid)));
        Assert.That(GridText.ReadAsPublished(answer), Is.EqualTo(published is null ? null : Arc.G(published)));
    }

    [Test]
    public void Only_published_reading_takes_what_is_no_grid_of_a_task()
    {
        Assert.That(GridText.Read("[[1 10]]"), Is.Null);
        Assert.That(GridText.ReadAsPublished("[[1 10]]"), Is.EqualTo(new Grid(1, 2, [1, 10])));
        Assert.That(GridText.Read("[[-1]]"), Is.Null);
        Assert.That(GridText.Read("[[99999999999999]]"), Is.Null);
        Assert.That(GridText.ReadAsPublished("[[99999999999999]]"), Is.Null);
        string wide = string.Join(' ', Enumerable.Repeat("1", 31));
        Assert.That(GridText.Read(wide), Is.Null);
        Assert.That(GridText.ReadAsPublished(wide)!.Columns, Is.EqualTo(31));
    }

    [Test]
    public void No_answer_is_too_strange_to_read() => Gen.String[Gen.Char["[]# \n\t0129-,x"], 0, 40].Sample(text =>
    {
        _ = GridText.ReadAsPublished(text);
        Grid? grid = GridText.Read(text);
        Assert.That(grid is null || grid.FitsATask);
    }, iter: 5000);
}
