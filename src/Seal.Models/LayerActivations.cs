using Seal.Kernels;

namespace Seal.Models;

/// <summary>What one layer's forward pass leaves behind for its backward pass. T rows each; Z only where an adapter sits.</summary>
internal struct LayerActivations
{
    /// <summary>The residual stream entering the layer, and 1/rms of its rows.</summary>
    public DeviceBuffer Input, InputInverseRms;

    /// <summary>Normalised input: X of q/k/v.</summary>
    public DeviceBuffer Normed;

    /// <summary>Queries and keys before their per-head norm (qwen3), and its 1/rms a head.</summary>
    public DeviceBuffer RawQueries, RawKeys, QueryInverseRms, KeyInverseRms;

    /// <summary>What attention reads: queries and keys rotated.</summary>
    public DeviceBuffer Queries, Keys, Values;

    /// <summary>Attention's output, X of o, and the log-sum-exp of every row and head.</summary>
    public DeviceBuffer Attended, LogSumExp;

    /// <summary>The residual stream after attention, and 1/rms of its rows.</summary>
    public DeviceBuffer Middle, MiddleInverseRms;

    /// <summary>Normalised middle: X of gate/up.</summary>
    public DeviceBuffer MiddleNormed;

    public DeviceBuffer Gate, Up;

    /// <summary>silu(gate)·up: X of down.</summary>
    public DeviceBuffer Gated;

    /// <summary>s·X·Aᵀ of the four groups.</summary>
    public DeviceBuffer QkvZ, OutputZ, GateUpZ, DownZ;
}
