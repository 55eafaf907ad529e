using Seal.Kernels;

namespace Seal.Models;

/// <summary>One training sequence: tokens from index <paramref name="LossFrom"/> on are predicted and counted.</summary>
public sealed record TrainingSequence(int[] Tokens, int LossFrom = 1)
{
    /// <summary>Tokens that enter the loss.</summary>
    public int Counted => Math.Max(0, Tokens.Length - Math.Max(1, LossFrom));
}

/// <summary>One adapter's whole training: micro-batches in order, each a list of sequences.</summary>
public sealed record TrainingJob(
    LoraAdapter Start, IReadOnlyList<IReadOnlyList<TrainingSequence>> Batches, OptimizerSettings Optimizer)
{
    /// <summary>Optimizer steps; a last group of fewer than k batches makes a step of its own.</summary>
    public int Steps => (Batches.Count + Optimizer.Accumulate - 1) / Optimizer.Accumulate;
}

/// <summary>One optimizer step as it happened.</summary>
/// <param name="Loss">Mean over the step's batches of the mean negative log-likelihood of their counted tokens, in nats.</param>
/// <param name="GradientNorm">Global norm before clipping.</param>
public readonly record struct TrainingStep(double LearningRate, double Loss, double GradientNorm);

/// <summary>
/// Trains many adapters in lockstep on one frozen model: micro-batch m of every job that still has one runs in one packed pass. Each
/// job has its own schedule, clipping, accumulation and length; one that has finished is left bit-unchanged. After the first steps of a
/// size a step allocates nothing, which is why it loops by index and keeps its lists.
/// </summary>
public sealed class AdapterTrainer : IDisposable
{
    private readonly Transformer _transformer;
    private readonly Operators _operators;
    private readonly IReadOnlyList<TrainingJob> _jobs;
    private readonly List<TrainingStep>[] _history;
    private readonly double[] _stepLoss;
    private readonly BatchPlan _plan = new();
    private readonly List<int> _rowOwners = []; // job of every head row of the plan
    private readonly List<AdamWRow> _table = [];
    private readonly DeviceMemory _normMemory;
    private readonly float[] _norms;
    private readonly int _maxRows;
    private float[] _logProbabilities = [];
    private int _batch;

    /// <param name="transformer">The frozen model.</param>
    /// <param name="jobs">One a slot of <see cref="Adapters"/>.</param>
    /// <param name="maxRows">Packed rows of one pass at most; larger micro-batches take several passes, whose gradients add up.</param>
    /// <exception cref="SealException">A setting is out of range, or a micro-batch has no counted token.</exception>
    public AdapterTrainer(Transformer transformer, IReadOnlyList<TrainingJob> jobs, int maxRows = 2048)
    {
        _transformer = transformer;
        _operators = transformer.Operators;
        _jobs = jobs;
        _maxRows = maxRows;
        for (int job = 0; job < jobs.Count; job++)
        {
            jobs[job].Optimizer.Validated();
            for (int batch = 0; batch < jobs[job].Batches.Count; batch++)
                if (CountedTokens(jobs[job].Batches[batch]) == 0)
                    throw new SealException($"batch {batch} of training job {job} has no counted token; give every batch text to predict");
        }
        Adapters = transformer.CreateAdapters(jobs.Select(job => job.Start.Settings));
        Adapters.PrepareTraining();
        for (int job = 0; job < jobs.Count; job++)
            jobs[job].Start.CopyTo(_operators, Adapters, job);
        Batches = jobs.Count == 0 ? 0 : jobs.Max(job => job.Batches.Count);
        _history = [.. jobs.Select(job => new List<TrainingStep>(job.Steps))];
        _stepLoss = new double[jobs.Count];
        _norms = new float[jobs.Count];
        _normMemory = _operators.Allocate((long)jobs.Count * _operators.Wide.Size());
        (int rows, int heads) = LargestPass();
        transformer.ReserveTraining(rows, heads, Adapters);
    }

    /// <summary>The adapters as they stand, a slot a job.</summary>
    public AdapterSet Adapters { get; }

    /// <summary>Micro-batches of the longest job.</summary>
    public int Batches { get; }

    /// <summary>Tokens trained on so far, over all jobs.</summary>
    public long Tokens { get; private set; }

    /// <summary>Tokens that a job trains on, all its batches together.</summary>
    public long TokensOf(int job) => _jobs[job].Batches.Sum(sequences => sequences.Sum(sequence => (long)sequence.Tokens.Length));

    public IReadOnlyList<TrainingStep> History(int job) => _history[job];

    /// <summary>Trains every job to its end.</summary>
    /// <param name="progress">Told after every micro-batch how many are done.</param>
    public void Run(Action<int>? progress = null, CancellationToken cancel = default)
    {
        while (Advance())
        {
            progress?.Invoke(_batch);
            cancel.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Runs the next micro-batch of every job that has one. False when all are done.</summary>
    /// <param name="beforeUpdate">Called between backward pass and optimizer, while the gradients are there to be seen.</param>
    public bool Advance(Action? beforeUpdate = null)
    {
        if (_batch >= Batches)
            return false;
        Accumulate(update: beforeUpdate is null);
        if (beforeUpdate is not null)
        {
            beforeUpdate();
            Update();
        }
        NoteUpdate();
        _batch++;
        return true;
    }

    /// <summary>A job's adapter as it stands.</summary>
    public LoraAdapter Adapter(int job) =>
        LoraAdapter.FromSet(_operators, Adapters, job, _transformer.Config, _jobs[job].Start.Settings);

    public void Dispose()
    {
        Adapters.Dispose();
        _normMemory.Dispose();
    }

    /// <param name="update">Whether the optimizer goes along with the last pass.</param>
    private void Accumulate(bool update)
    {
        _plan.Clear();
        _rowOwners.Clear();
        for (int job = 0; job < _jobs.Count; job++)
        {
            if (_batch >= _jobs[job].Batches.Count)
                continue;
            IReadOnlyList<TrainingSequence> sequences = _jobs[job].Batches[_batch];
            // A mean of batch means: each row counts 1 / (counted tokens of its own adapter's batch) / (batches of this step).
            float weight = (float)(1.0 / CountedTokens(sequences) / BatchesInStep(job));
            for (int s = 0; s < sequences.Count; s++)
            {
                TrainingSequence sequence = sequences[s];
                if (sequence.Counted == 0)
                    continue;
                // The last token is only ever a target: it needs no row of its own.
                ReadOnlySpan<int> inputs = sequence.Tokens.AsSpan(0, sequence.Tokens.Length - 1);
                if (_plan.Rows > 0 && _plan.Rows + inputs.Length > _maxRows)
                    Pass(update: false);
                int start = _plan.Add(inputs, adapter: job);
                for (int i = Math.Max(1, sequence.LossFrom); i < sequence.Tokens.Length; i++)
                {
                    _plan.AddTarget(start + i - 1, sequence.Tokens[i], weight);
                    _rowOwners.Add(job);
                }
                Tokens += sequence.Tokens.Length;
            }
        }
        Pass(update);
    }

    /// <summary>One step of the device's. What it gives is read when it is over.</summary>
    private void Pass(bool update)
    {
        if (_logProbabilities.Length < _plan.HeadCount)
            _logProbabilities = new float[2 * _plan.HeadCount];
        using OperatorStep step = _transformer.Step(_plan, Adapters);
        DeviceBuffer logProbabilities = _transformer.ForwardBackward(_plan, Adapters);
        if (update)
            Update();
        step.End();
        _operators.Read(logProbabilities, _logProbabilities.AsSpan(0, _plan.HeadCount));
        ReadOnlySpan<float> weights = _plan.Weights.AsSpan<float>();
        for (int row = 0; row < _plan.HeadCount; row++)
            _stepLoss[_rowOwners[row]] -= (double)weights[row] * _logProbabilities[row];
        _plan.Clear();
        _rowOwners.Clear();
    }

    private void Update()
    {
        _table.Clear();
        for (int job = 0; job < _jobs.Count; job++)
        {
            OptimizerSettings o = _jobs[job].Optimizer;
            bool last = _batch == _jobs[job].Batches.Count - 1;
            if (_batch < _jobs[job].Batches.Count && ((_batch + 1) % o.Accumulate == 0 || last))
                _table.Add(new AdamWRow(job, Rate(job), _batch / o.Accumulate + 1, o.ClipNorm, o.WeightDecay, o.Beta1, o.Beta2, o.Epsilon, NormNoted: true));
        }
        if (_table.Count > 0)
            _operators.AdamW(Adapters, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_table), Norms);
    }

    /// <summary>Of the jobs that made an optimizer step with this batch.</summary>
    private void NoteUpdate()
    {
        if (_table.Count == 0)
            return;
        _operators.Read(Norms, _norms);
        foreach (AdamWRow row in _table)
        {
            _history[row.Slot].Add(new TrainingStep(row.LearningRate, _stepLoss[row.Slot], _norms[row.Slot]));
            _stepLoss[row.Slot] = 0;
        }
    }

    private DeviceBuffer Norms => new(_normMemory.Pointer, _operators.Wide, 1, _jobs.Count, _operators.Device);

    private double Rate(int job)
    {
        OptimizerSettings o = _jobs[job].Optimizer;
        return new LearningRateSchedule(o.Schedule, o.LearningRate, o.Warmup, _jobs[job].Steps).At(_batch / o.Accumulate);
    }

    /// <summary>Batches of the optimizer step that the current batch belongs to: k, or what is left at the end.</summary>
    private int BatchesInStep(int job)
    {
        int k = _jobs[job].Optimizer.Accumulate;
        int first = _batch / k * k;
        return Math.Min(k, _jobs[job].Batches.Count - first);
    }

    /// <summary>No pass has more rows or counted tokens than this.</summary>
    private (int Rows, int Heads) LargestPass()
    {
        int rows = 0, heads = 0, longest = 0;
        for (int batch = 0; batch < Batches; batch++)
        {
            int batchRows = 0, batchHeads = 0;
            foreach (TrainingJob job in _jobs)
                foreach (TrainingSequence sequence in batch < job.Batches.Count ? job.Batches[batch] : [])
                {
                    batchRows += sequence.Tokens.Length - 1;
                    batchHeads += sequence.Counted;
                    longest = Math.Max(longest, sequence.Tokens.Length - 1);
                }
            (rows, heads) = (Math.Max(rows, batchRows), Math.Max(heads, batchHeads));
        }
        rows = Math.Min(rows, Math.Max(_maxRows, longest));
        return (rows, Math.Min(rows, heads));
    }

    private static int CountedTokens(IReadOnlyList<TrainingSequence> sequences)
    {
        int counted = 0;
        for (int s = 0; s < sequences.Count; s++)
            counted += sequences[s].Counted;
        return counted;
    }
}
