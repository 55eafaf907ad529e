using Seal.Kernels;

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
    private static readonly string[] Names = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    public static IReadOnlyList<LoraTarget> All { get; } = Enum.GetValues<LoraTarget>();

    /// <summary>The name in PEFT's <c>target_modules</c>.</summary>
    public static string PeftName(this LoraTarget target) => Names[(int)target];

    /// <summary>The name of its weight within a Hugging Face checkpoint's layer, without <c>.weight</c>.</summary>
    public static string ModulePath(this LoraTarget target) =>
        (target <= LoraTarget.OProj ? "self_attn." : "mlp.") + target.PeftName();

    /// <exception cref="SealException">No linear has this name.</exception>
    public static LoraTarget Parse(string name)
    {
        int index = Array.IndexOf(Names, name);
        return index >= 0
            ? (LoraTarget)index
            : throw new SealException($"LoRA target '{name}' is not known; expected some of {string.Join(", ", Names)}");
    }

    /// <summary>Inputs and outputs of every target in this model, in the order of <see cref="LoraTarget"/>.</summary>
    public static IReadOnlyList<LinearShape> Shapes(ModelConfig config)
    {
        int hidden = config.Hidden, queries = config.Heads * config.HeadDim, keys = config.KvHeads * config.HeadDim;
        return
        [
            new(hidden, queries), new(hidden, keys), new(hidden, keys), new(queries, hidden),
            new(hidden, config.Intermediate), new(hidden, config.Intermediate), new(config.Intermediate, hidden),
        ];
    }
}
