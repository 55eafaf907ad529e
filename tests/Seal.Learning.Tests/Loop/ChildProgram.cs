using Seal.Kernels;
using Seal.Learning.Knowledge;

namespace Seal.Learning.Tests.Loop;

/// <summary>The tests as a program: an outer-loop run in a process of its own, which a test can kill.</summary>
internal static class ChildProgram
{
    /// <param name="arguments">The run's folder and its settings file.</param>
    public static void Main(string[] arguments)
    {
        if (arguments is not [string folder, string settings])
            throw new ArgumentException("expected a run folder and a settings file; the tests themselves are run by dotnet test");
        using var operators = new TorchOperators(Device.Host, DType.F32);
        new RestEm(RunSettings.Read(settings, new RunSettings()), folder, operators, new LocalJudge()).Run();
    }
}
