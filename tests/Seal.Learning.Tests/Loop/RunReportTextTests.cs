using Seal.Learning.Knowledge;
using Seal.Models;

namespace Seal.Learning.Tests.Loop;

public sealed class RunReportTextTests
{
    private static Outcome Outcome(long tokens, params (bool Correct, double F1, float LogProbability)[] answers) => new(
        [], tokens, [], new ExamResult([.. answers.Select(answer => new ScoredAnswer("Q?", "A", "", answer.Correct, 0, answer.F1, [answer.LogProbability]))]));

    private static Candidate Candidate(int number, Outcome outcome, double reward, bool kept) =>
        new($"id {number}", new SelfEdit($"edit {number}", 1, FinishReason.Length), outcome, reward, kept);

    /// <summary>One passage of two questions: before, after the passage alone, after each of two self-edits.</summary>
    private static TaskRound Passage(string title, double best, bool kept)
    {
        Outcome none = Outcome(0, (false, 0, -4), (false, 0.25, -8));
        return new TaskRound(
            new Passage(title, "Text.", []), none, Outcome(100, (true, 1, -2), (false, 0, -5)), 1,
            [Candidate(1, Outcome(300, (true, 1, -1), (true, 1, -1)), best, kept), Candidate(2, Outcome(200, (false, 0, -5), (false, 0, -6)), -0.5, false)]);
    }

    [Test]
    public void A_run_reads_so()
    {
        var settings = new RunSettings { Model = "models/tiny.gguf", Passages = "data/birds.json", Candidates = 2, Seed = 7, Selection = new SelectionSettings { Floor = 5 } };
        var report = new RunReport(settings, "torch 2, one thread",
        [
            new RoundReport(1, "0123456789abcdef", [Passage("Owl | Bird\nof prey", 3.5, true), Passage("Elm", 3.5, true)], new PolicyRecord("digest", [2.5, 1.25])),
            new RoundReport(2, "fedcba9876543210", [Passage("Owl | Bird\nof prey", 0.25, false), Passage("Elm", -0.25, false)], null),
        ]);
        // Before: −4 and max(−8, −5), mean −4.5. Passage alone: −3.5, a gain of 1. Self-edits: −1 and −5, gains of 3.5 and −0.5.
        Assert.That(RunReportText.Write(report), Is.EqualTo("""
            # ReST-EM on birds.json

            Model `tiny.gguf`, backend torch in F32 (torch 2, one thread), seed 7.
            2 passages, 2 self-edits a passage (prompt `implications`), reward: dense, best 1 of each passage if above passage only.

            Accuracy: share of answers the judge accepts. Dense: gain in bounded log-likelihood of the gold answers over no update, nats a token.
            Mean over passages, with 95 % bootstrap intervals; no passage is in view when its questions are asked.

            | round | what | accuracy % | F1 % | dense gain | tokens trained |
            |---|---|---|---|---|---|
            | 1 | no update | 0.0 [0.0, 0.0] | 12.5 [12.5, 12.5] | 0.000 [0.000, 0.000] | 0 |
            | 1 | passage only | 50.0 [50.0, 50.0] | 50.0 [50.0, 50.0] | 1.000 [1.000, 1.000] | 200 |
            | 1 | self-edits, mean | 50.0 [50.0, 50.0] | 50.0 [50.0, 50.0] | 1.500 [1.500, 1.500] | 1000 |
            | 1 | self-edits, best by reward | 100.0 [100.0, 100.0] | 100.0 [100.0, 100.0] | 3.500 [3.500, 3.500] | 600 |
            | 2 | no update | 0.0 [0.0, 0.0] | 12.5 [12.5, 12.5] | 0.000 [0.000, 0.000] | 0 |
            | 2 | passage only | 50.0 [50.0, 50.0] | 50.0 [50.0, 50.0] | 1.000 [1.000, 1.000] | 200 |
            | 2 | self-edits, mean | 50.0 [50.0, 50.0] | 50.0 [50.0, 50.0] | 1.500 [1.500, 1.500] | 1000 |
            | 2 | self-edits, best by reward | 100.0 [100.0, 100.0] | 100.0 [100.0, 100.0] | 3.500 [3.500, 3.500] | 600 |

            ## Round 1

            Policy `0123456789ab`. 2 self-edits reinforced in 2 steps, loss 2.500 to 1.250.

            | passage | passage only | rewards of the self-edits (**kept**) |
            |---|---|---|
            | Owl \| Bird of prey | 1.000 | **3.500**, -0.500 |
            | Elm | 1.000 | **3.500**, -0.500 |

            ## Round 2

            Policy `fedcba987654`. No self-edit was worth reinforcing: the policy stays.

            | passage | passage only | rewards of the self-edits (**kept**) |
            |---|---|---|
            | Owl \| Bird of prey | 1.000 | 0.250, -0.500 |
            | Elm | 1.000 | -0.250, -0.500 |

            """.ReplaceLineEndings("\n")));
    }
}
