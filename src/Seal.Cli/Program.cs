using Seal.Kernels;
using Seal.Models.Goldens;

using var ops = new TorchOperators(Device.Host, DType.F32);
foreach (string folder in args)
{
    Console.WriteLine(folder);
    foreach (GoldenCheck c in new GoldenVerifier(ops).Verify(folder))
        Console.WriteLine($"   {(c.Passed ? "pass" : "FAIL")} {c.Quantity} {c.Error:g3} / {c.Limit:g3} ({c.Cases})");
}
