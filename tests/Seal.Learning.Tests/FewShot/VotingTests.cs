using Seal.Learning.FewShot;

namespace Seal.Learning.Tests.FewShot;

public sealed class VotingTests
{
    private static readonly Grid A = Arc.G("11 11"), B = Arc.G("22 22"), C = Arc.G("33 33");

    private static Vote Plain(Grid grid) => new(grid, new Identity());

    [Test]
    public void The_published_example()
    {
        Vote[] votes = [Plain(A), new Vote(A, new Flip(1)), Plain(B)];
        Assert.That(Voting.Attempts(votes), Is.EqualTo((A, B)));
        Assert.That(Voting.Attempts(votes, asPublished: true), Is.EqualTo((A, B)));
    }

    [Test]
    public void Without_an_answer_there_is_no_attempt() => Assert.That(Voting.Attempts([]), Is.Null);

    [Test]
    public void One_answer_is_both_attempts() => Assert.That(Voting.Attempts([Plain(A)]), Is.EqualTo((A, A)));

    /// <summary>C20.</summary>
    [Test]
    public void A_tie_goes_to_the_second_by_default_and_to_the_third_as_published()
    {
        // B and C: one untransformed answer each, in the same groups.
        Vote[] votes = [Plain(A), Plain(A), Plain(B), Plain(C), new Vote(A, new Flip(0))];
        Assert.That(Voting.Attempts(votes), Is.EqualTo((A, B)));
        Assert.That(Voting.Attempts(votes, asPublished: true), Is.EqualTo((A, C)));
    }

    [Test]
    public void More_support_from_untransformed_prompts_decides_a_tie()
    {
        // In the pool B and C have two places each; C was answered twice untransformed.
        Vote[] votes = [Plain(A), Plain(A), Plain(A), Plain(B), Plain(C), Plain(C), new Vote(B, new Flip(0)), new Vote(A, new Flip(0))];
        var places = Voting.Attempts(votes);
        Assert.That(places!.Value.First, Is.EqualTo(A));
        Assert.That(places.Value.Second, Is.EqualTo(B), "B is in one group more");
        Vote[] level = [.. votes, new Vote(C, new Flip(1)), new Vote(A, new Flip(1))];
        Assert.That(Voting.Attempts(level)!.Value.Second, Is.EqualTo(C));
    }

    [Test]
    public void Missing_places_are_filled_by_the_majority_of_rows()
    {
        // Each answer has one wrong row of its own: row by row the majority is right, though nobody answered so.
        Grid[] answers = [Arc.G("12 34 00"), Arc.G("12 00 56")];
        Grid right = Arc.G("12 34 00");
        Assert.That(Voting.Attempts([Plain(answers[0]), Plain(answers[1])]), Is.EqualTo((right, answers[1])));
        Grid mixed = Arc.G("12 34 56");
        Vote[] votes = [Plain(Arc.G("12 34 00")), Plain(Arc.G("12 00 56")), Plain(Arc.G("12 34 00")), Plain(Arc.G("12 00 56")), new Vote(Arc.G("00 34 56"), new Flip(0)), new Vote(mixed, new Flip(1))];
        Assert.That(Voting.Attempts(votes), Is.Not.Null);
    }

    [Test]
    public void Answers_of_different_shapes_vote_too()
    {
        Grid wide = Arc.G("111");
        Assert.That(Voting.Attempts([Plain(wide), Plain(A), Plain(A), new Vote(wide, new Transpose()), new Vote(A, new Transpose())])!.Value.First, Is.EqualTo(A));
    }

    [Test]
    public void A_submission_has_two_attempts_a_test_input() => Assert.That(
        SubmissionFile.Text([("ab", [new Attempts(A, Arc.G("12 34")), Attempts.None])]),
        Is.EqualTo("""{"ab": [{"attempt_1": [[1, 1], [1, 1]], "attempt_2": [[1, 2], [3, 4]]}, {"attempt_1": [[0]], "attempt_2": [[0]]}]}"""));

    [Test]
    public void Published_verdicts_are_laid_out_by_column() => Assert.That(
        SubmissionFile.Verdicts([[("ab", true), ("cd", false)], [("ab", false), ("cd", false)]]),
        Is.EqualTo("""{"0": {"task_id": {"0": "ab", "1": "cd"}, "correct": {"0": true, "1": false}}, "1": {"task_id": {"0": "ab", "1": "cd"}, "correct": {"0": false, "1": false}}}"""));
}
