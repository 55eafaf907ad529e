using System.Globalization;

namespace Seal.Models.Formats;

/// <summary>The seven linear layers of a block that an adapter can sit on, and their names in PEFT's files.</summary>
public static class LoraModules
{
    private const string Prefix = "base_model.model.model.layers.";

    private static readonly Dictionary<string, string> Parents = new()
    {
        ["q_proj"] = "self_attn",
        ["k_proj"] = "self_attn",
        ["v_proj"] = "self_attn",
        ["o_proj"] = "self_attn",
        ["gate_proj"] = "mlp",
        ["up_proj"] = "mlp",
        ["down_proj"] = "mlp",
    };

    /// <summary>q, k, v, o, gate, up, down: the order of the computation.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Parents.Keys];

    /// <summary>Columns and rows of the module's weight: x of In becomes y of Out.</summary>
    public static (int In, int Out) Size(ModelConfig config, string module) => module switch
    {
        "q_proj" => (config.Hidden, config.Heads * config.HeadDim),
        "k_proj" or "v_proj" => (config.Hidden, config.KvHeads * config.HeadDim),
        "o_proj" => (config.Heads * config.HeadDim, config.Hidden),
        "gate_proj" or "up_proj" => (config.Hidden, config.Intermediate),
        "down_proj" => (config.Intermediate, config.Hidden),
        _ => throw new ArgumentException($"no module '{module}'", nameof(module)),
    };

    /// <summary>Where a checkpoint's layer keeps the module: "self_attn.q_proj".</summary>
    public static string Path(string module) => $"{Parents[module]}.{module}";

    /// <summary>PEFT's name of one of an adapter's two matrices.</summary>
    /// <param name="half">'A' (rank x in) or 'B' (out x rank).</param>
    internal static string TensorName(int layer, string module, char half) => $"{Prefix}{layer}.{Path(module)}.lora_{half}.weight";

    /// <summary>The reverse of <see cref="TensorName"/>; null for any other text.</summary>
    internal static (int Layer, string Module, char Half)? Parse(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        string[] parts = name[Prefix.Length..].Split('.'); // layer, parent, module, lora_X, weight
        if (parts.Length != 5 || !Parents.ContainsKey(parts[2]) || parts[3] is not ("lora_A" or "lora_B")) return null;
        if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int layer)) return null;
        return TensorName(layer, parts[2], parts[3][^1]) == name ? (layer, parts[2], parts[3][^1]) : null;
    }
}
