using System.Text.Json;

namespace Seal.Models.Formats;

/// <summary>
/// adapter_config.json. PEFT has many variants of LoRA that change what the same matrices compute: any that is switched on is an
/// error here, since the adapter would load and give something else.
/// </summary>
internal static class PeftConfig
{
    public const string FileName = "adapter_config.json";

    /// <summary>Must be absent, null, false or empty.</summary>
    private static readonly string[] Variants =
    [
        "rank_pattern", "alpha_pattern", "modules_to_save", "layers_to_transform", "layers_pattern", "exclude_modules", "layer_replication",
        "target_parameters", "trainable_token_indices", "fan_in_fan_out", "use_dora", "use_qalora", "use_bdlora", "lora_bias",
        "alora_invocation_tokens", "arrow_config", "megatron_config",
    ];

    /// <summary>The settings, with no weights yet.</summary>
    /// <exception cref="Seal.Kernels.SealException">The file is missing or malformed, or asks for a variant that is not supported.</exception>
    public static PeftAdapter Read(string folder)
    {
        JsonFields config = JsonFields.Read(Path.Combine(folder, FileName));
        if (config.RequiredText("peft_type") is var type and not "LORA") throw config.Error("peft_type", $"is '{type}', expected 'LORA'");
        if (config.Text("task_type") is { } task and not "CAUSAL_LM") throw config.Error("task_type", $"is '{task}', expected 'CAUSAL_LM'");
        if (config.Text("bias") is { } bias and not "none") throw config.Error("bias", $"is '{bias}', expected 'none'");
        foreach (string variant in Variants)
        {
            if (config.Find(variant) is { } value && !IsNothing(value)) throw config.Error(variant, $"is {JsonFields.Describe(value)}, which is not supported; expected it absent or empty");
        }
        RequireUnchangedBase(config);
        int rank = config.RequiredInteger("r");
        double alpha = config.RequiredNumber("lora_alpha"), dropout = config.Number("lora_dropout") ?? 0;
        if (rank is < 1 or > PeftAdapter.LargestRank) throw config.Error("r", $"is {rank}, expected 1 to {PeftAdapter.LargestRank}");
        if (alpha <= 0) throw config.Error("lora_alpha", $"is {alpha}, expected a positive number");
        if (dropout is < 0 or >= 1) throw config.Error("lora_dropout", $"is {dropout}, expected at least 0 and below 1");
        return new PeftAdapter
        {
            Rank = rank,
            Alpha = alpha,
            Dropout = dropout,
            RankStabilized = config.Flag("use_rslora", absent: false),
            BaseModel = config.Text("base_model_name_or_path"),
            TargetModules = Targets(config),
        };
    }

    /// <summary>The settings as PEFT reads them, names sorted.</summary>
    public static void Write(Stream stream, PeftAdapter adapter)
    {
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteString("base_model_name_or_path", adapter.BaseModel);
        json.WriteString("bias", "none");
        json.WriteBoolean("fan_in_fan_out", false);
        json.WriteBoolean("inference_mode", true);
        json.WriteBoolean("init_lora_weights", true);
        json.WriteNumber("lora_alpha", adapter.Alpha);
        json.WriteNumber("lora_dropout", adapter.Dropout);
        json.WriteNull("modules_to_save");
        json.WriteString("peft_type", "LORA");
        json.WriteNumber("r", adapter.Rank);
        json.WriteStartArray("target_modules");
        foreach (string module in adapter.TargetModules) json.WriteStringValue(module);
        json.WriteEndArray();
        json.WriteString("task_type", "CAUSAL_LM");
        json.WriteBoolean("use_rslora", adapter.RankStabilized);
        json.WriteEndObject();
    }

    /// <summary>Some initialisations (PiSSA, OLoRA, CorDA, LoftQ) take the adapter's start off the base's weights: theirs is another base.</summary>
    private static void RequireUnchangedBase(JsonFields config)
    {
        if (config.Find("init_lora_weights") is not { ValueKind: JsonValueKind.String }) return;
        string start = config.RequiredText("init_lora_weights");
        if (start is not ("gaussian" or "orthogonal" or "eva"))
            throw config.Error("init_lora_weights", $"is '{start}', which changes the base's weights; expected true, false, 'gaussian', 'orthogonal' or 'eva' (convert the adapter with PEFT first)");
    }

    private static string[] Targets(JsonFields config)
    {
        const string field = "target_modules";
        if (config.Find(field) is { ValueKind: JsonValueKind.String })
        {
            string text = config.RequiredText(field);
            return text == "all-linear" ? [.. LoraModules.All]
                : throw config.Error(field, $"is the pattern '{text}', which is not supported; expected a list of names or 'all-linear'");
        }
        string[] targets = config.RequiredTexts(field);
        foreach (string target in targets)
        {
            if (!LoraModules.All.Contains(target)) throw config.Error(field, $"has '{target}', expected names among {string.Join(", ", LoraModules.All)}");
        }
        if (targets.Length == 0) throw config.Error(field, "is empty");
        if (targets.Distinct().Count() != targets.Length) throw config.Error(field, "names a module twice");
        return [.. LoraModules.All.Where(targets.Contains)];
    }

    private static bool IsNothing(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.False => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };
}
