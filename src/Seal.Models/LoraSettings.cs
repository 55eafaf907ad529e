using System.Text.Json.Serialization;
using Seal.Kernels;

namespace Seal.Models;

/// <summary>What a LoRA adapter is: rank r, alpha (scale s = alpha / r) and the linears it sits on, in every layer. (Hu et al., arXiv 2106.09685)</summary>
public sealed record LoraSettings(int Rank, double Alpha, IReadOnlyList<LoraTarget> Targets)
{
    [JsonIgnore]
    public AdapterShape Shape => new(Rank, Alpha / Rank, [.. Targets.Select(target => (int)target).Order()]);

    /// <exception cref="SealException">A value is out of range.</exception>
    public LoraSettings Validated()
    {
        if (Rank is < 1 or > 1024)
            throw new SealException($"lora.rank is {Rank}; expected 1 to 1024");
        if (!(Alpha > 0) || double.IsInfinity(Alpha))
            throw new SealException($"lora.alpha is {Alpha}; expected a positive number");
        if (Targets.Count == 0 || Targets.Distinct().Count() != Targets.Count)
            throw new SealException("lora.targets must name at least one linear, each once");
        return this;
    }
}
