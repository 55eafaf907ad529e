using Seal.Kernels;
using Seal.Models;

namespace Seal.Learning.FewShot;

/// <summary>A task to be solved under one adapter (−1: the bare model).</summary>
public readonly record struct GridSitting(ArcTask Task, int Adapter);

/// <summary>Asks for every test input of many tasks in all its prompts, of many adapters at once, and lets the answers vote.</summary>
public sealed class GridExam(LanguageModel model, FewShotSettings settings)
{
    // Key/value positions held at once; with long prompts fewer sequences are decoded together.
    private const int MaxCachedTokens = 1 << 16;

    private readonly TaskTokens _tokens = new(model, settings);

    /// <returns>
    /// One result a sitting, in order; one answer a test input: right where one of two attempts is the solution. The softer score is the share of right
    /// cells of the first attempt; recall, the share of prompts whose answer was the solution.
    /// </returns>
    public IReadOnlyList<ExamResult> Take(IReadOnlyList<GridSitting> sittings, AdapterSet? adapters, CancellationToken cancel = default)
    {
        var papers = new List<Paper>();
        var questions = new Dictionary<object, Question>(ReferenceEqualityComparer.Instance); // by test input: a task's candidates sit the same exam
        for (int sitting = 0; sitting < sittings.Count; sitting++)
            foreach (TestInput test in sittings[sitting].Task.Tests)
            {
                if (!questions.TryGetValue(test, out Question? question))
                    questions.Add(test, question = QuestionOf(sittings[sitting].Task, test));
                papers.Add(new Paper(sitting, sittings[sitting].Adapter, question));
            }
        Generation[] answers = Ask(papers, adapters, cancel);
        float[][] scores = ContinuationScores.Of(
            model.Transformer, [.. papers.Where(paper => paper.Prompts.Count > 0).Select(paper => new Continuation(paper.Tokens[0], paper.Question.Gold, paper.Adapter))], adapters, cancel);
        var results = sittings.Select(_ => new List<ScoredAnswer>()).ToList();
        int answer = 0, score = 0;
        foreach (Paper paper in papers)
        {
            string[] texts = [.. answers.Skip(answer).Take(paper.Prompts.Count).Select(generation => generation.Text)];
            answer += texts.Length;
            // Where no prompt fits there is nothing to be scored either: as unlikely as can be.
            float[] gold = paper.Prompts.Count > 0 ? scores[score++] : [float.NegativeInfinity];
            results[paper.Sitting].Add(Scored(sittings[paper.Sitting].Task, results[paper.Sitting].Count, paper, texts, gold));
        }
        return [.. results.Select(list => new ExamResult(list))];
    }

    private Question QuestionOf(ArcTask task, TestInput test)
    {
        Grid output = test.Output ?? throw new SealException($"task '{task.Id}' has no solution, so it cannot be examined; give a solution file");
        int[] gold = _tokens.Answer(output);
        // Ours must not depend on the solution's length: room for an output as long as the longest demonstration's.
        int room = settings.AsPublished ? gold.Length : task.Demonstrations.Max(pair => _tokens.Answer(pair.Output).Length);
        var tokens = new List<int[]>();
        bool Fits(TestPrompt prompt)
        {
            int[] asked = _tokens.Prompt(prompt);
            if (asked.Length + room >= _tokens.Limit)
                return false;
            tokens.Add(asked);
            return true;
        }
        IReadOnlyList<TestPrompt> prompts = TestPrompt.Of(task.Demonstrations, test.Input, Fits);
        return new Question(output, prompts, tokens, gold);
    }

    private Generation[] Ask(List<Paper> papers, AdapterSet? adapters, CancellationToken cancel)
    {
        int most = settings.MaxAnswerTokens == 0 ? int.MaxValue : settings.MaxAnswerTokens;
        List<GenerationRequest> requests = [.. papers.SelectMany(paper => paper.Tokens.Select(prompt => new GenerationRequest(
            prompt, Math.Min(most, _tokens.Limit - prompt.Length), SamplingSettings.Greedy, Adapter: paper.Adapter, Stop: settings.AsPublished ? null : [TaskText.End])))];
        int longest = requests.Select(request => request.Prompt.Length + request.MaxTokens).DefaultIfEmpty(1).Max();
        return new Generator(model.Transformer, model.Tokenizer, Math.Clamp(MaxCachedTokens / longest, 1, 32)).Run(requests, adapters, null, cancel);
    }

    private ScoredAnswer Scored(ArcTask task, int test, Paper paper, string[] texts, float[] gold)
    {
        Vote[] votes =
        [
            .. texts.Zip(paper.Prompts)
                .Select(item => (Grid: settings.AsPublished ? GridText.ReadAsPublished(item.First) : GridText.Read(item.First, settings.Grids), item.Second.Undo))
                .Where(item => item.Grid is not null)
                .Select(item => new Vote(item.Undo.Apply(item.Grid!), item.Undo)),
        ];
        Attempts attempts = Voting.Attempts(votes, settings.AsPublished) is { } pair ? new Attempts(pair.First, pair.Second) : Attempts.None;
        return new ScoredAnswer(
            task.NameOf(test), GridText.Write(paper.Question.Output), attempts.Text(), attempts.Solve(paper.Question.Output),
            texts.Length == 0 ? 0 : (double)votes.Count(vote => vote.Grid.Equals(paper.Question.Output)) / texts.Length,
            RightCells(attempts.First, paper.Question.Output), gold);
    }

    private static double RightCells(Grid answer, Grid output)
    {
        if (answer.Rows != output.Rows || answer.Columns != output.Columns)
            return 0;
        int right = 0;
        for (int i = 0; i < output.Cells.Length; i++)
            right += answer.Cells[i] == output.Cells[i] ? 1 : 0;
        return (double)right / output.Cells.Length;
    }

    /// <param name="Tokens">Of each prompt.</param>
    private sealed record Question(Grid Output, IReadOnlyList<TestPrompt> Prompts, List<int[]> Tokens, int[] Gold);

    private sealed record Paper(int Sitting, int Adapter, Question Question)
    {
        public IReadOnlyList<TestPrompt> Prompts => Question.Prompts;

        public List<int[]> Tokens => Question.Tokens;
    }
}
