using Seal.Kernels;
using Seal.Models;
using Seal.Models.Text;

namespace Seal.Learning.Knowledge;

/// <summary>A passage whose questions are asked under one adapter (−1: the bare model).</summary>
public readonly record struct Sitting(Passage Passage, int Adapter);

/// <summary>Asks passages' questions, the passage not in view, of many adapters at once.</summary>
public sealed class Exam(LanguageModel model, ExamSettings settings, IJudge judge)
{
    /// <returns>One result a sitting, in order.</returns>
    /// <exception cref="SealException">A gold answer is blank.</exception>
    /// <exception cref="JudgeUnavailableException">The judge gave no verdict.</exception>
    public IReadOnlyList<ExamResult> Take(
        IReadOnlyList<Sitting> sittings, AdapterSet? adapters, Action<int>? progress = null, CancellationToken cancel = default)
    {
        var papers = new List<Paper>();
        for (int sitting = 0; sitting < sittings.Count; sitting++)
            foreach (Question question in sittings[sitting].Passage.Questions)
            {
                string asked = QuestionPrompt.Topic(sittings[sitting].Passage.Title, question.Text);
                int[] gold = model.Tokenizer.Encode(question.Answer);
                if (gold.Length == 0)
                    throw new SealException($"passage '{sittings[sitting].Passage.Title}', question '{question.Text}': the answer is blank; expected the right answer");
                papers.Add(new Paper(sitting, sittings[sitting].Adapter, question, asked, Prompt(sittings[sitting].Passage, asked), gold));
            }
        string[] answers = Answer(papers, adapters, progress, cancel);
        float[][] scores = ContinuationScores.Of(model.Transformer, [.. papers.Select(paper => new Continuation(paper.Prompt, paper.Gold, paper.Adapter))], adapters, cancel);
        IReadOnlyList<bool> verdicts = judge.Judge([.. papers.Select((paper, i) => new GivenAnswer(paper.Asked, paper.Question.Answer, answers[i]))], cancel);
        var results = sittings.Select(_ => new List<ScoredAnswer>()).ToList();
        for (int i = 0; i < papers.Count; i++)
        {
            Question question = papers[i].Question;
            results[papers[i].Sitting].Add(new ScoredAnswer(
                question.Text, question.Answer, answers[i], verdicts[i],
                AnswerTokens.Recall(question.Answer, answers[i]), AnswerTokens.F1(question.Answer, answers[i]), scores[i]));
        }
        return [.. results.Select(list => new ExamResult(list))];
    }

    private int[] Prompt(Passage passage, string asked)
    {
        if (settings.PassageInView)
            return model.Tokenizer.Encode(QuestionPrompt.BaseWithPassage(passage.Title, passage.Context, asked));
        if (!settings.Chat)
            return model.Tokenizer.Encode(QuestionPrompt.Base(asked));
        ChatTemplate template = model.ChatTemplate
            ?? throw new SealException("exam.chat is set, but the model brings no chat template; leave it out to ask in the base format");
        return model.Tokenizer.Encode(model.Chat(template, [new ChatMessage("system", QuestionPrompt.System), new ChatMessage("user", asked)]));
    }

    private string[] Answer(List<Paper> papers, AdapterSet? adapters, Action<int>? progress, CancellationToken cancel)
    {
        var requests = papers
            .Select(paper => new GenerationRequest(paper.Prompt, settings.AnswerTokens, SamplingSettings.Greedy, Adapter: paper.Adapter))
            .ToList();
        Generation[] generations = new Generator(model.Transformer, model.Tokenizer).Run(requests, adapters, progress, cancel);
        return [.. generations.Select(generation => settings.CutAnswer ? QuestionPrompt.CutAnswer(generation.Text) : generation.Text.Trim())];
    }

    private sealed record Paper(int Sitting, int Adapter, Question Question, string Asked, int[] Prompt, int[] Gold);
}
