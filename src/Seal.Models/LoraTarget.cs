using Seal.Kernels;
using Seal.Models.Formats;

namespace Seal.Models;

/// <summary>The linears of a layer that an adapter can sit on, by the names that PEFT files use.</summary>
public enum LoraTarget
{
    QProj,
    KProj,
    VProj,
    OProj,
    GateProj,
    UpProj,
    DownProj,
}

public static class LoraTargets
{
    public static IReadOnlyList<LoraTarget> All { get; } = Enum.GetValues<LoraTarget>();

    /// <summary>The name in PEFT's <c>target_modules</c>.</summary>
    public static string PeftName(this LoraTarget target) => LoraModules.All[(int)target];

    /// <summary>The name of its weight within a Hugging Face checkpoint's layer, without <c>.weight</c>.</summary>
    public static string ModulePath(this LoraTarget target) => LoraModules.Path(target.PeftName());

    /// <exception cref="SealException">No linear has this name.</exception>
    public static LoraTarget Parse(string name)
    {
        foreach (LoraTarget target in All)
            if (target.PeftName() == name)
                return target;
        throw new SealException($"LoRA target '{name}' is not known; expected some of {string.Join(", ", LoraModules.All)}");
    }

    /// <summary>Inputs and outputs of every target in this model, in the order of <see cref="LoraTarget"/>.</summary>
    public static IReadOnlyList<LinearShape> Shapes(ModelConfig config) =>
        [.. LoraModules.All.Select(module => LoraModules.Size(config, module)).Select(size => new LinearShape(size.In, size.Out))];
}
