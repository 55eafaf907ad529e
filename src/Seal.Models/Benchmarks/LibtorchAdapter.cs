using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Models.Benchmarks;

/// <summary>
/// One adapter of <see cref="LibtorchStep"/>: parameters, gradients and moments each in one flat f32 tensor, and, where products are bf16,
/// a flat working copy of the parameters and the flat bf16 gradients that the products write. Factors are views of these.
/// </summary>
internal sealed class LibtorchAdapter : IDisposable
{
    // The A of linears that share an input lie end to end: one product. Where each factor stands in LoraAdapter's order is kept to copy by.
    private static readonly LoraTarget[][] Groups =
        [[LoraTarget.QProj, LoraTarget.KProj, LoraTarget.VProj], [LoraTarget.OProj], [LoraTarget.GateProj, LoraTarget.UpProj], [LoraTarget.DownProj]];

    private readonly List<(long Mine, long Theirs, long Count)> _places = [];
    private readonly DisposeScope _scope;

    public LibtorchAdapter(ModelConfig config, LoraAdapter start, ScalarType type, torch.Device on)
    {
        _scope = NewDisposeScope();
        Scale = start.Settings.Alpha / start.Settings.Rank;
        Mixed = type != ScalarType.Float32;
        long count = start.Parameters.Length;
        Parameters = zeros(count, device: on);
        Gradients = zeros(count, device: on);
        First = zeros(count, device: on);
        Second = zeros(count, device: on);
        Steps = zeros(1, device: on);
        Working = Mixed ? zeros(count, dtype: type, device: on) : Parameters;
        Raw = Mixed ? zeros(count, dtype: type, device: on) : Gradients;

        var layout = new List<(long Offset, int Rows, int Columns)>();
        int rank = start.Settings.Rank;
        var shapes = LoraTargets.Shapes(config);
        long perLayer = count / config.Layers, offset = 0;
        for (int layer = 0; layer < config.Layers; layer++)
            foreach (LoraTarget[] group in Groups)
            {
                int inputs = shapes[(int)group[0]].Inputs;
                layout.Add((offset, group.Length * rank, inputs));
                foreach (LoraTarget target in group)
                    Place(Theirs(layer, target), (long)rank * inputs);
                foreach (LoraTarget target in group)
                {
                    int outputs = shapes[(int)target].Outputs;
                    layout.Add((offset, outputs, rank));
                    Place(Theirs(layer, target) + (long)rank * inputs, (long)outputs * rank);
                }
            }
        foreach ((long mine, long theirs, long length) in _places)
        {
            using Tensor values = tensor(start.Parameters.AsSpan((int)theirs, (int)length).ToArray());
            Parameters.narrow(0, mine, length).copy_(values);
        }
        if (Mixed)
            Working.copy_(Parameters);
        Factors = Views(Working);
        FactorGradients = Views(Raw);
        _scope.Detach(Parameters, Gradients, First, Second, Steps);
        _scope.Detach(Working, Raw);
        _scope.Detach([.. Factors.Concat(FactorGradients).SelectMany(views => views)]);
        _scope.Dispose();

        void Place(long theirs, long length)
        {
            _places.Add((offset, theirs, length));
            offset += length;
        }

        long Theirs(int layer, LoraTarget target) =>
            layer * perLayer + Enumerable.Range(0, (int)target).Sum(t => (long)rank * (shapes[t].Inputs + shapes[t].Outputs));

        Tensor[][] Views(Tensor flat) => [.. layout
            .Select(place => flat.narrow(0, place.Offset, (long)place.Rows * place.Columns).view(place.Rows, place.Columns))
            .Chunk(layout.Count / config.Layers)];
    }

    /// <summary>Products are in another type than the masters.</summary>
    public bool Mixed { get; }

    /// <summary>alpha / rank.</summary>
    public double Scale { get; }

    public Tensor Parameters { get; }

    public Tensor Gradients { get; }

    public Tensor First { get; }

    public Tensor Second { get; }

    public Tensor Steps { get; }

    public Tensor Working { get; }

    public Tensor Raw { get; }

    /// <summary>Each layer's factors, as the script takes them: A of q, k and v, their three B; A, B of o; A, B, B of gate and up; A, B of down.</summary>
    public Tensor[][] Factors { get; }

    public Tensor[][] FactorGradients { get; }

    /// <summary>A flat tensor of this adapter in <see cref="LoraAdapter"/>'s order.</summary>
    public float[] InAdapterOrder(Tensor flat)
    {
        float[] mine = flat.to(ScalarType.Float32).data<float>().ToArray();
        float[] theirs = new float[mine.Length];
        foreach ((long from, long to, long length) in _places)
            Array.Copy(mine, from, theirs, to, length);
        return theirs;
    }

    public void Dispose()
    {
        foreach (Tensor view in Factors.Concat(FactorGradients).SelectMany(views => views))
            view.Dispose();
        foreach (Tensor flat in new[] { Parameters, Gradients, First, Second, Steps })
            flat.Dispose();
        if (!Mixed)
            return;
        Working.Dispose();
        Raw.Dispose();
    }
}
