using System.CommandLine;
using Seal.Kernels;
using Seal.Learning.Worlds;
using Seal.Models;
using Seal.Models.Formats;

namespace Seal.Cli.Options;

/// <summary>Which model, with which adapters merged into it.</summary>
internal sealed class ModelOptions
{
    public Option<string?> Model { get; } = new("--model") { Description = "A Hugging Face folder (config.json, model.safetensors) or a .gguf file", HelpName = "PATH" };

    public Option<string[]> Adapters { get; } = new("--adapter")
    {
        Description = "A PEFT folder, merged into the model; repeat for several, merged in order",
        HelpName = "FOLDER",
    };

    public ModelOptions(Command command)
    {
        command.Add(Model);
        command.Add(Adapters);
    }

    /// <summary>Opens the model with its adapters.</summary>
    public static LanguageModel Open(string path, IReadOnlyList<string> adapters, Operators operators)
    {
        path = Bottle.PathOf(path);
        if (adapters.Count == 0)
            return LanguageModel.Open(path, operators);
        // An adapter is read against a configuration; the weights are read once, with all of them merged.
        List<LoraAdapter> policy;
        using (ModelFile file = ModelFile.Open(path))
            policy = [.. adapters.Select(folder => LoraAdapter.Read(folder, file.Config))];
        return LanguageModel.Open(path, operators, policy);
    }
}
