using Seal.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Models.Pretraining;

/// <summary>Adam (Kingma and Ba, arXiv 1412.6980) for what Muon is not for: the embedding and the norms' gains. β = (0.9, 0.98), no decay.</summary>
internal sealed class Adam(IEnumerable<(string Name, Tensor Value)> parameters)
{
    private const double Beta1 = 0.9, Beta2 = 0.98, Epsilon = 1e-8;

    private readonly List<(Tensor Value, Tensor First, Tensor Second)> _parameters =
        [.. parameters.Select(entry => (entry.Value, zeros(entry.Value.shape), zeros(entry.Value.shape)))];

    /// <summary>First and second moments, parameter by parameter.</summary>
    public IEnumerable<Tensor> State => _parameters.SelectMany(entry => (Tensor[])[entry.First, entry.Second]);

    /// <param name="step">1 for the first.</param>
    public void Step(double rate, int step)
    {
        using var scope = NewDisposeScope();
        using IDisposable inference = no_grad();
        double first = 1 - Math.Pow(Beta1, step), second = 1 - Math.Pow(Beta2, step);
        foreach ((Tensor value, Tensor m, Tensor v) in _parameters)
        {
            Tensor gradient = value.grad!;
            m.mul_(HeldScalar.Of(Beta1)).add_(gradient, HeldScalar.Of(1 - Beta1));
            v.mul_(HeldScalar.Of(Beta2)).addcmul_(gradient, gradient, HeldScalar.Of(1 - Beta2));
            value.addcdiv_(m, v.div(HeldScalar.Of(second)).sqrt_().add_(HeldScalar.Of(Epsilon)), HeldScalar.Of(-rate / first));
        }
    }
}
