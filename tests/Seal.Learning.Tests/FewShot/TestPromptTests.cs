using Seal.Learning.FewShot;

namespace Seal.Learning.Tests.FewShot;

public sealed class TestPromptTests
{
    [TestCase(2, 7)]
    [TestCase(3, 10)]
    [TestCase(4, 16)]
    [TestCase(5, 20)]
    [TestCase(6, 23)]
    public void The_published_numbers_of_prompts(int demonstrations, int prompts)
    {
        IReadOnlyList<TestPrompt> asked = TestPrompt.Of(Arc.Pairs(demonstrations), Arc.G("12 34"), _ => true);
        Assert.That(asked, Has.Count.EqualTo(prompts));
        Assert.That(asked.TakeLast(5).Select(prompt => prompt.Undo), Is.EqualTo(new GridTransform[] { new Transpose(), new Flip(0), new Flip(1), new Rotate(270), new Rotate(180) }));
        Assert.That(asked.SkipLast(5).Select(prompt => prompt.Undo), Is.All.EqualTo(new Identity()));
        Assert.That(asked.Select(prompt => prompt.Demonstrations.Count), Is.All.EqualTo(demonstrations - 1));
    }

    [Test]
    public void Undone_a_prompt_shows_the_task_as_it_is_in_all_400()
    {
        foreach (ArcTask task in Arc.Training())
            foreach (TestInput test in task.Tests)
                foreach (TestPrompt prompt in TestPrompt.Of(task.Demonstrations, test.Input, _ => true))
                {
                    Assert.That(prompt.Undo.Apply(prompt.Input), Is.EqualTo(test.Input), task.Id);
                    Assert.That(prompt.Demonstrations.Select(pair => new Pair(prompt.Undo.Apply(pair.Input), prompt.Undo.Apply(pair.Output))), Is.SubsetOf(task.Demonstrations), task.Id);
                }
    }

    [Test]
    public void Where_no_prompt_fits_two_demonstrations_are_left_out()
    {
        IReadOnlyList<TestPrompt> asked = TestPrompt.Of(Arc.Pairs(3), Arc.G("12 34"), prompt => prompt.Demonstrations.Count < 2);
        Assert.That(asked.Select(prompt => prompt.Demonstrations.Count), Is.All.EqualTo(1));
        Assert.That(TestPrompt.Of(Arc.Pairs(3), Arc.G("12 34"), _ => false), Is.Empty);
    }

    [Test]
    public void One_demonstration_leaves_a_prompt_without_any() =>
        Assert.That(TestPrompt.Of(Arc.Pairs(1), Arc.G("12 34"), _ => true), Has.Count.EqualTo(6));
}
