using System.Diagnostics;
using System.Globalization;
using Seal.Kernels;
using Seal.Models.Formats;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Models.Pretraining;

/// <summary>Where a pre-training stands.</summary>
/// <param name="Loss">Mean over the steps since the last report, nats a counted token.</param>
/// <param name="Tokens">Read so far, counted or not.</param>
/// <param name="Seconds">Spent so far, over all sittings.</param>
public sealed record PretrainingProgress(int Step, double Loss, long Tokens, double Seconds);

/// <summary>
/// Trains a small llama on rows of tokens, a share of a step's rows on each core: at this size operations are too short to be shared by threads. A checkpoint holds everything that the rest depends on: a killed training goes on where its last
/// one was, with the same rows in the same order.
/// </summary>
public sealed class Pretrainer : IDisposable
{
    private const int ReportEvery = 20;
    private static readonly TimeSpan s_checkpointEvery = TimeSpan.FromMinutes(3);

    private readonly PretrainingSettings _settings;
    private readonly TrainableTransformer _model;
    private readonly TrainableTransformer[] _replicas; // the model first
    private readonly Muon _muon;
    private readonly Adam _adam;
    private double _seconds;

    /// <param name="vocabulary">Tokens.</param>
    /// <param name="endOfText">The token that ends a text.</param>
    /// <param name="bf16">Products and attention in bf16, masters in f32.</param>
    public Pretrainer(PretrainingSettings settings, int vocabulary, int endOfText, bool bf16)
    {
        _settings = settings.Validated();
        LibTorch.Initialise();
        set_num_threads(1);
        _replicas = [.. Enumerable.Range(0, Math.Min(settings.Rows, Environment.ProcessorCount)).Select(_ =>
            new TrainableTransformer(settings, vocabulary, endOfText, bf16 ? ScalarType.BFloat16 : ScalarType.Float32))];
        _model = _replicas[0];
        _muon = new Muon(_model.Parameters.Where(entry => IsMatrix(entry)));
        _adam = new Adam(_model.Parameters.Where(entry => !IsMatrix(entry)));
    }

    public ModelConfig Config => _model.Config;

    /// <summary>Steps done.</summary>
    public int Step { get; private set; }

    /// <summary>The latest reported loss, nats a counted token.</summary>
    public double Loss { get; private set; } = double.NaN;

    /// <summary>Seconds spent, over all sittings.</summary>
    public double Seconds => _seconds;

    /// <summary>The weights as they are, by Hugging Face's names.</summary>
    public IReadOnlyDictionary<string, float[]> Weights() =>
        _model.Parameters.ToDictionary(entry => entry.Name, entry => entry.Value.detach().data<float>().ToArray());

    /// <summary>Trains to the last step of the settings, going on from the checkpoint where there is one.</summary>
    /// <param name="rows">The rows of a step, which depend on its number alone.</param>
    /// <param name="checkpoint">Written every few minutes and at the end.</param>
    /// <exception cref="SealException">The checkpoint is of another model.</exception>
    public void Run(Func<int, TokenRows> rows, string checkpoint, Action<PretrainingProgress>? progress = null, CancellationToken cancel = default)
    {
        if (File.Exists(checkpoint))
            Restore(checkpoint);
        double sum = 0;
        int summed = 0;
        long last = Stopwatch.GetTimestamp(), saved = last;
        while (Step < _settings.Steps && !cancel.IsCancellationRequested)
        {
            sum += Advance(rows(Step));
            summed++;
            long now = Stopwatch.GetTimestamp();
            _seconds += Stopwatch.GetElapsedTime(last, now).TotalSeconds;
            last = now;
            if (Step % ReportEvery == 0 || Step == _settings.Steps)
            {
                Loss = sum / summed;
                (sum, summed) = (0, 0);
                progress?.Invoke(new PretrainingProgress(Step, Loss, (long)Step * _settings.Rows * _settings.RowTokens, _seconds));
            }
            if (Stopwatch.GetElapsedTime(saved, now) > s_checkpointEvery)
            {
                Save(checkpoint);
                saved = now;
            }
        }
        Save(checkpoint);
        cancel.ThrowIfCancellationRequested();
    }

    /// <summary>Mean negative log-likelihood of the counted tokens, in nats, the model being left as it is.</summary>
    public double LossOf(TokenRows rows)
    {
        using var scope = NewDisposeScope();
        using IDisposable inference = no_grad();
        return _model.Loss(rows, 0, rows.Rows).item<float>() / rows.Predicted(0, rows.Rows);
    }

    private double Advance(TokenRows batch)
    {
        int counted = batch.Predicted(0, batch.Rows);
        double[] losses = new double[_replicas.Length];
        Parallel.For(0, _replicas.Length, i =>
        {
            int from = batch.Rows * i / _replicas.Length, to = batch.Rows * (i + 1) / _replicas.Length;
            using var scope = NewDisposeScope();
            Begin(_replicas[i]);
            Tensor loss = _replicas[i].Loss(batch, from, to) / HeldScalar.Of(counted);
            loss.backward();
            losses[i] = loss.item<float>();
        });
        Gather();
        double rate = _settings.RateAt(Step++);
        _muon.Step(rate * _settings.MatrixRate);
        _adam.Step(rate * _settings.VectorRate, Step);
        return losses.Sum();
    }

    /// <summary>The model's parameters, and no gradients.</summary>
    private void Begin(TrainableTransformer replica)
    {
        using IDisposable inference = no_grad();
        for (int i = 0; i < replica.Parameters.Count; i++)
        {
            if (replica != _model)
                replica.Parameters[i].Value.copy_(_model.Parameters[i].Value);
            replica.Parameters[i].Value.grad?.zero_();
        }
    }

    private void Gather()
    {
        using var scope = NewDisposeScope();
        using IDisposable inference = no_grad();
        foreach (TrainableTransformer replica in _replicas.Skip(1))
            for (int i = 0; i < replica.Parameters.Count; i++)
                _model.Parameters[i].Value.grad!.add_(replica.Parameters[i].Value.grad!, HeldScalar.Of(1));
    }

    /// <summary>Parameters and the optimizers' state, each a tensor of the file, in a fixed order.</summary>
    private IEnumerable<(string Name, Tensor Value)> Everything() =>
    [
        .. _model.Parameters,
        .. _muon.State.Select((value, i) => ($"muon.{i}", value)),
        .. _adam.State.Select((value, i) => ($"adam.{i}", value)),
    ];

    private void Save(string path)
    {
        var metadata = new Dictionary<string, string>
        {
            ["step"] = Step.ToString(CultureInfo.InvariantCulture),
            ["seconds"] = _seconds.ToString("R", CultureInfo.InvariantCulture),
            ["loss"] = Loss.ToString("R", CultureInfo.InvariantCulture),
        };
        SafetensorsWriter.Write(path, Everything().Select(entry => new TensorToWrite(entry.Name, entry.Value.shape, entry.Value.detach().data<float>().ToArray())), metadata);
    }

    private void Restore(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        using IDisposable inference = no_grad();
        foreach ((string name, Tensor value) in Everything())
        {
            StoredTensor stored = file.Tensor(name);
            if (!stored.Shape.AsSpan().SequenceEqual(value.shape))
                throw new SealException($"{path}: tensor '{name}' has shape [{string.Join(", ", stored.Shape)}], these settings give [{string.Join(", ", value.shape)}]; use the settings that it was made with, or another folder");
            float[] values = new float[stored.Count];
            stored.ReadFloat32(values);
            using Tensor source = tensor(values, value.shape);
            value.copy_(source);
        }
        Step = (int)Number("step");
        _seconds = Number("seconds");
        Loss = Number("loss");

        double Number(string key) => double.TryParse(file.Metadata.GetValueOrDefault(key), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new SealException($"{path}: the metadata has no number '{key}': not a checkpoint of pre-training");
    }

    private static bool IsMatrix((string Name, Tensor Value) entry) => entry.Value.ndim == 2 && entry.Name != TensorLayout.Embedding;

    public void Dispose()
    {
        foreach (TrainableTransformer replica in _replicas)
            replica.Dispose();
    }
}
