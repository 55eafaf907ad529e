using Seal.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Models.Pretraining;

/// <summary>
/// Muon (Jordan et al., 2024; Liu et al., arXiv 2502.16982): the momentum of a matrix's gradient, made orthogonal by Newton and Schulz's iteration, is
/// the step. It learns rare facts in fewer tokens than Adam, which is what a small model with little time needs. Matrices of one shape are stepped
/// together.
/// </summary>
internal sealed class Muon
{
    private const double Momentum = 0.95, Decay = 0.1;
    private const int Iterations = 5;
    private const int Together = 6; // matrices of one product; the groups are shared among the cores

    private readonly IReadOnlyList<(Tensor[] Matrices, Tensor Momentum)> _groups;

    public Muon(IEnumerable<(string Name, Tensor Value)> matrices)
    {
        _groups = [.. matrices.GroupBy(entry => (entry.Value.shape[0], entry.Value.shape[1]))
            .SelectMany(group => group.Select(entry => entry.Value).Chunk(Together))
            .Select(group => (group, zeros(group.Length, group[0].shape[0], group[0].shape[1])))];
    }

    /// <summary>One a shape, <c>[matrices, rows, columns]</c>.</summary>
    public IEnumerable<Tensor> State => _groups.Select(group => group.Momentum);

    public void Step(double rate) => Parallel.ForEach(_groups, group => Step(group.Matrices, group.Momentum, rate));

    private static void Step(Tensor[] matrices, Tensor momentum, double rate)
    {
        using var scope = NewDisposeScope();
        using IDisposable inference = no_grad();
        Tensor gradients = stack(matrices.Select(matrix => matrix.grad!));
        momentum.mul_(HeldScalar.Of(Momentum)).add_(gradients, HeldScalar.Of(1));
        Tensor update = Orthogonal(gradients.add(momentum, HeldScalar.Of(Momentum))); // Nesterov's look ahead
        double scale = rate * Math.Sqrt(Math.Max(1, (double)update.shape[1] / update.shape[2]));
        for (int i = 0; i < matrices.Length; i++)
            matrices[i].mul_(HeldScalar.Of(1 - rate * Decay)).add_(update[i], HeldScalar.Of(-scale));
    }

    /// <summary>U·Vᵀ of each matrix's singular value decomposition, nearly: singular values end between 0.7 and 1.2.</summary>
    private static Tensor Orthogonal(Tensor g)
    {
        const double a = 3.4445, b = -4.7750, c = 2.0315;
        bool tall = g.shape[1] > g.shape[2];
        Tensor x = tall ? g.transpose(1, 2) : g;
        x = x / (x.square().sum([1L, 2L], keepdim: true).sqrt().add_(HeldScalar.Of(1e-7)));
        for (int i = 0; i < Iterations; i++)
        {
            Tensor gram = x.matmul(x.transpose(1, 2));
            Tensor polynomial = gram.mul(HeldScalar.Of(b)).add_(gram.matmul(gram), HeldScalar.Of(c));
            x = polynomial.matmul(x).add_(x, HeldScalar.Of(a));
        }
        return tall ? x.transpose(1, 2) : x;
    }
}
