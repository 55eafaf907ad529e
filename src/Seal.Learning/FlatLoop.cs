using Seal.Kernels;
using Seal.Learning.Knowledge;
using Seal.Models;

namespace Seal.Learning;

/// <summary>One round: the reward of every self-edit, by passage, and the digest of the weights that wrote them.</summary>
public sealed record FlatRound(string Policy, IReadOnlyList<IReadOnlyList<double>> Rewards, int Reinforced);

/// <summary>
/// All of SEAL (Zweiger et al., arXiv 2506.10943) in plain loops: the file to read first. A model reads a passage and writes its own training
/// material about it, a self-edit. A small adapter is trained on that, and the adapted model is asked about the passage without seeing it.
/// Self-edits that helped are what the model is then fine-tuned to write (ReST-EM, arXiv 2312.06585).
/// </summary>
/// <remarks>
/// The loop that runs for real is <see cref="RestEm"/>. It does the same, and what a long run needs besides: a journal to resume from, many
/// passages in one batch, answers that a judge grades, baselines, a report, settings.
/// </remarks>
public static class FlatLoop
{
    // Below this many nats a token counts as "impossible", and as no more impossible than that: otherwise one rare word that training
    // made much rarer outweighs everything that was learned.
    private const double Floor = 5;

    // An adapter adds s·B·A to a frozen matrix W, with A and B so thin that there is little to train: W stays what it was, and a hundred
    // adapters can stand on one W. (LoRA, arXiv 2106.09685)
    private static readonly LoraSettings s_inner = new(Rank: 32, Alpha: 64, LoraTargets.All);
    private static readonly LoraSettings s_outer = new(Rank: 16, Alpha: 32, LoraTargets.All);

    private static readonly OptimizerSettings s_optimizer = new() { LearningRate = 3e-4 };

    private const int InnerEpochs = 5, OuterEpochs = 2;

    /// <summary>Runs rounds of the outer loop.</summary>
    /// <param name="path">A Hugging Face folder or a GGUF file.</param>
    /// <param name="passages">Each with questions whose answers are not blank.</param>
    /// <param name="operators">The backend that everything is computed on.</param>
    /// <param name="rounds">How often the policy is improved.</param>
    /// <param name="candidates">Self-edits for each passage and round.</param>
    /// <param name="selfEditTokens">Where a self-edit is cut off.</param>
    /// <param name="seed">Everything random follows from it.</param>
    /// <exception cref="SealException">The model cannot be used, or a question has no answer.</exception>
    public static IReadOnlyList<FlatRound> Run(
        string path, IReadOnlyList<Passage> passages, Operators operators, int rounds = 2, int candidates = 3, int selfEditTokens = 256, ulong seed = 1)
    {
        Comparison.RequireQuestions(passages);
        var history = new List<FlatRound>();

        // The policy is the model that writes self-edits: the base model and, merged into its weights, one adapter for each round so far.
        var policy = new List<LoraAdapter>();
        for (int round = 1; round <= rounds; round++)
        {
            using LanguageModel model = LanguageModel.Open(path, operators, policy);
            var generator = new Generator(model.Transformer, model.Tokenizer);
            var rewards = new List<double[]>();
            var winners = new List<TrainingSequence>();

            // E-step: try out what the policy writes.
            for (int p = 0; p < passages.Count; p++)
            {
                Passage passage = passages[p];

                // 1. The policy reads the passage and writes K self-edits, each with a seed of its own. It continues a text, so this works
                //    for a model that was never taught to chat.
                int[] prompt = model.Tokenizer.Encode(
                    "Let's read the following passage and produce a list of implications derived directly or indirectly from the content.\n\n" +
                    $"Passage:\n{passage.Title}\n{passage.Context}\n\nImplications:\n");
                var requests = new List<GenerationRequest>();
                for (int k = 0; k < candidates; k++)
                    requests.Add(new GenerationRequest(
                        prompt, selfEditTokens, new SamplingSettings(Temperature: 1, TopP: 0.95f), Seed: CounterRandom.Derive(seed, $"write {round} {p} {k}")));
                Generation[] selfEdits = generator.Run(requests);

                // 2. The inner loop: a fresh adapter learns each self-edit line by line, the title above every line, and the passage itself.
                //    The K adapters are independent of each other; they only share the passes over the frozen weights, which are the cost.
                var jobs = new List<TrainingJob>();
                for (int k = 0; k < candidates; k++)
                {
                    var sequences = new List<TrainingSequence>();
                    foreach (string line in selfEdits[k].Text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                        sequences.Add(new TrainingSequence(model.Tokenizer.Encode($"{passage.Title}\n{line}")));
                    sequences.Add(new TrainingSequence(model.Tokenizer.Encode($"{passage.Title}\n{passage.Context}")));
                    LoraAdapter start = LoraAdapter.Create(model.Config, s_inner, CounterRandom.Derive(seed, $"learn {round} {p} {k}"));
                    jobs.Add(new TrainingJob(start, Steps(sequences, InnerEpochs), s_optimizer));
                }
                using var trainer = new AdapterTrainer(model.Transformer, jobs);
                trainer.Run();

                // 3. The reward: how much likelier the right answers became, the passage no longer in view.
                double before = Score(model, passage, null, adapter: -1);
                var gains = new double[candidates];
                for (int k = 0; k < candidates; k++)
                    gains[k] = Score(model, passage, trainer.Adapters, adapter: k) - before;
                rewards.Add(gains);

                // 4. Selection: the best of K is worth imitating if it helped at all.
                int best = 0;
                for (int k = 1; k < candidates; k++)
                    if (gains[k] > gains[best])
                        best = k;
                if (gains[best] > 0 && selfEdits[best].Tokens.Length > 0)
                {
                    int[] end = model.Config.EosTokenIds is [int token, ..] ? [token] : [];
                    winners.Add(new TrainingSequence([.. prompt, .. selfEdits[best].Tokens, .. end], LossFrom: prompt.Length));
                }
            }

            // M-step: fine-tune the policy on the winners. The loss counts what it wrote, never the prompt it was shown.
            // The adapters of the E-step are thrown away: what stays is not what was learned, but how to learn.
            if (winners.Count > 0)
            {
                LoraAdapter start = LoraAdapter.Create(model.Config, s_outer, CounterRandom.Derive(seed, $"policy {round}"));
                using var trainer = new AdapterTrainer(model.Transformer, [new TrainingJob(start, Steps(winners, OuterEpochs), s_optimizer)]);
                trainer.Run();
                policy.Add(trainer.Adapter(0));
            }
            history.Add(new FlatRound(model.Weights.Digest, rewards, winners.Count));
        }
        return history;
    }

    /// <summary>Epochs over the sequences, one sequence an optimizer step.</summary>
    private static IReadOnlyList<IReadOnlyList<TrainingSequence>> Steps(List<TrainingSequence> sequences, int epochs)
    {
        var steps = new List<IReadOnlyList<TrainingSequence>>();
        for (int epoch = 0; epoch < epochs; epoch++)
            foreach (TrainingSequence sequence in sequences)
                steps.Add([sequence]);
        return steps;
    }

    /// <summary>Mean over questions of the mean over the gold answer's tokens of max(log p, −floor): the bounded log-likelihood, in nats.</summary>
    private static double Score(LanguageModel model, Passage passage, AdapterSet? adapters, int adapter)
    {
        double sum = 0;
        foreach (Question question in passage.Questions)
        {
            int[] asked = model.Tokenizer.Encode(
                $"Let's answer a question directly and concisely.\nQuestion: Topic: {passage.Title}\n{question.Text}\nAnswer:\n");
            int[] answer = model.Tokenizer.Encode(question.Answer);

            // One pass over question and answer gives the probability of every token after those before it. Row i predicts token i + 1.
            var plan = new BatchPlan();
            plan.Add([.. asked, .. answer[..^1]], adapter);
            for (int i = 0; i < answer.Length; i++)
                plan.AddTarget(row: asked.Length - 1 + i, target: answer[i], weight: 1);
            float[] logProbabilities = new float[answer.Length];
            model.Transformer.Score(plan, adapters, logProbabilities);
            sum += logProbabilities.Average(value => Math.Max(value, -Floor));
        }
        return sum / passage.Questions.Count;
    }
}
