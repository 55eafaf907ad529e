namespace Seal.Learning.Tests.Loop;

public sealed class ReplayTextTests
{
    private static ReplayedReward Reward(int number, double recorded, params double[] bySeed) => new(number, $"job {number}", recorded, bySeed);

    private static ReplayReport Report(double limit) => new("runs/first", "torch 2, f32", "native 1, f32", RewardKind.Dense, 2, limit,
    [
        new ReplayedPassage(1, "Owl | Bird\nof prey", Reward(0, 0.5, 0.5), [Reward(1, 0.25, 0.2495, 0.26), Reward(2, 1, 1, 1.5)], 2, 2, 0.75, 0.5),
        new ReplayedPassage(1, "Elm", Reward(0, -0.5, -0.5), [Reward(1, 0.25, 0.25, 0.5), Reward(2, 0.125, 0.375, 0.375)], 1, 2, 0.125, 0.25),
        new ReplayedPassage(2, "Elm", Reward(0, 0, 0.000001), [Reward(1, 0.5, 0.5, 0.5)], 1, 1, null, 0),
    ]);

    [Test]
    public void A_replay_reads_so() => Assert.That(ReplayText.Markdown(Report(0.25)), Is.EqualTo("""
        # Replay

        8 rewards (dense) of the journal, computed by torch 2, f32; replayed by native 1, f32. Spread: largest less smallest reward over 2 seeds of the inner loop; of a winner, the larger one of the journal's two best.

        Passed: the largest difference is 2.5e-1, within the limit of 2.5e-1; 2 of 3 winners are the same, 1 changed within the spread.

        | round | task | best, journal | best, replay | gap to the second, journal | spread over seeds | winner |
        | --- | --- | --- | --- | --- | --- | --- |
        | 1 | Owl \| Bird of prey | self-edit 2 | self-edit 2 | 0.7500 | 0.5000 | same |
        | 1 | Elm | self-edit 1 | self-edit 2 | 0.1250 | 0.2500 | other, within the spread |
        | 2 | Elm | self-edit 1 | self-edit 1 |  | 0.0000 | same |

        | round | task | learned | reward, journal | reward, replay | difference | spread over seeds |
        | --- | --- | --- | --- | --- | --- | --- |
        | 1 | Owl \| Bird of prey | baseline | 0.5000 | 0.5000 | 0 |  |
        | 1 | Owl \| Bird of prey | self-edit 1 | 0.2500 | 0.2495 | -5.0e-4 | 0.0105 |
        | 1 | Owl \| Bird of prey | self-edit 2 | 1.0000 | 1.0000 | 0 | 0.5000 |
        | 1 | Elm | baseline | -0.5000 | -0.5000 | 0 |  |
        | 1 | Elm | self-edit 1 | 0.2500 | 0.2500 | 0 | 0.2500 |
        | 1 | Elm | self-edit 2 | 0.1250 | 0.3750 | +2.5e-1 | 0.0000 |
        | 2 | Elm | baseline | 0.0000 | 0.0000 | +1.0e-6 |  |
        | 2 | Elm | self-edit 1 | 0.5000 | 0.5000 | 0 | 0.0000 |

        """.ReplaceLineEndings("\n")));

    [Test]
    public void A_difference_above_the_limit_fails() =>
        Assert.That((Report(0.2).Passed, ReplayText.Verdict(Report(0.2))), Is.EqualTo((false, "FAILED: the largest difference is 2.5e-1, above the limit of 2.0e-1; 2 of 3 winners are the same, 1 changed within the spread.")));

    [Test]
    public void A_winner_that_was_further_ahead_than_the_spread_must_stay()
    {
        ReplayReport report = Report(1);
        report = report with { Passages = [report.Passages[1] with { Spread = 0.0625 }] };
        Assert.That((report.Passed, report.LostWinners), Is.EqualTo((false, 1)));
        Assert.That(ReplayText.WinnerRows(report)[0][^1], Is.EqualTo("OTHER"));
        Assert.That(ReplayText.Verdict(report), Is.EqualTo("FAILED: the largest difference is 2.5e-1, within the limit of 1.0e+0; 0 of 1 winners are the same, 1 changed beyond it."));
    }
}
