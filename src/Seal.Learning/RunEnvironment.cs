using System.Reflection;
using System.Runtime.InteropServices;
using Seal.Kernels;
using Seal.Models;

namespace Seal.Learning;

/// <summary>
/// What a run works with, as <c>environment.json</c> in its folder: sizes that the cost in FLOPs follows from, and the machine. No result depends on it.
/// </summary>
public sealed record RunEnvironment
{
    /// <summary>All parameters of the model; a head tied to the embedding counts once.</summary>
    public long Parameters { get; init; }

    /// <summary>Parameters of the matrices that a token is multiplied with: every linear of every layer, and the head.</summary>
    public long MatrixParameters { get; init; }

    /// <summary>Parameters of a candidate's adapter.</summary>
    public long AdapterParameters { get; init; }

    /// <summary>Parameters of the adapter that a round adds to the policy.</summary>
    public long PolicyAdapterParameters { get; init; }

    public string InstructionSet { get; init; } = "";

    public int Cores { get; init; }

    public string System { get; init; } = "";

    public string Runtime { get; init; } = "";

    public string Version { get; init; } = "";

    /// <summary>This machine, and the model's sizes.</summary>
    public static RunEnvironment Of(ModelConfig config, RunSettings settings)
    {
        IReadOnlyList<LinearShape> linears = LoraTargets.Shapes(config);
        long layers = config.Layers, head = (long)config.Vocabulary * config.Hidden;
        long matrices = layers * linears.Sum(linear => (long)linear.Inputs * linear.Outputs) + head;
        long norms = (2 * layers + 1) * config.Hidden + (config.QkNorm ? 2 * layers * config.HeadDim : 0);
        long biases = config.QkvBias ? layers * ((long)config.Heads + 2 * config.KvHeads) * config.HeadDim : 0;
        long Adapter(LoraSettings lora) =>
            layers * lora.Targets.Sum(target => (long)lora.Rank * (linears[(int)target].Inputs + linears[(int)target].Outputs));
        return new RunEnvironment
        {
            Parameters = matrices + (config.TiedEmbedding ? 0 : head) + norms + biases,
            MatrixParameters = matrices,
            AdapterParameters = Adapter(settings.Trial.Inner.Lora),
            PolicyAdapterParameters = Adapter(settings.Policy.Lora),
            InstructionSet = Processor.InstructionSet,
            Cores = Environment.ProcessorCount,
            System = RuntimeInformation.OSDescription,
            Runtime = RuntimeInformation.FrameworkDescription,
            Version = typeof(RunEnvironment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
        };
    }

    /// <summary>Where a run folder has it.</summary>
    public static string File(string folder) => Path.Combine(folder, "environment.json");

    /// <summary>What a run noted; null for one that noted nothing.</summary>
    /// <exception cref="SealException">The file cannot be read as one.</exception>
    public static RunEnvironment? Read(string folder)
    {
        string path = File(folder);
        try
        {
            return global::System.IO.File.Exists(path)
                ? SettingsText.Merge(new RunEnvironment(), global::System.IO.File.ReadAllText(path), path)
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SealException($"{path}: cannot be read ({error.Message}); remove it to do without", error);
        }
    }
}
