using TorchSharp;

namespace Seal.Kernels.Tests.Build;

public class TorchSharpLoadsTests
{
    [Test]
    public void TorchSharp_loads_and_adds()
    {
        using torch.Tensor sum = torch.ones(2, 2).sum();
        Assert.That(sum.item<float>(), Is.EqualTo(4));
    }
}
