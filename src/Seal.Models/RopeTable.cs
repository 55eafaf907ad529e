using Seal.Kernels;

namespace Seal.Models;

/// <summary>
/// Cosines and sines of rotary position embedding, <c>[positions, headDim]</c> f32: headDim/2 cosines, then as many sines.
/// Frequencies are rounded to f32 where the Hugging Face implementation rounds, because a golden within 1e-4 can tell.
/// </summary>
public sealed class RopeTable(Operators operators, ModelConfig config, float[]? frequencyFactors) : IDisposable
{
    private readonly float[] _inverseFrequencies = InverseFrequencies(config, frequencyFactors);
    private DeviceMemory? _memory;
    private int _positions;

    /// <summary>The table, long enough for this many positions; grows between steps, never within one.</summary>
    public DeviceBuffer For(int positions)
    {
        if (positions > _positions)
        {
            if (positions > config.MaxPositions)
                throw new SealException(
                    $"a sequence of {positions} tokens is longer than the model's {config.MaxPositions} positions; shorten the text");
            Fill(Math.Min(config.MaxPositions, Math.Max(512, 2 * positions)));
        }
        return Table(_positions);
    }

    public void Dispose() => _memory?.Dispose();

    private DeviceBuffer Table(int positions) => new(_memory!.Pointer, DType.F32, positions, config.HeadDim, operators.Device);

    private void Fill(int positions)
    {
        int half = config.HeadDim / 2;
        float[] table = new float[positions * config.HeadDim];
        for (int position = 0; position < positions; position++)
            for (int j = 0; j < half; j++)
            {
                float angle = position * _inverseFrequencies[j];
                table[position * 2 * half + j] = (float)Math.Cos(angle);
                table[position * 2 * half + half + j] = (float)Math.Sin(angle);
            }
        _memory?.Dispose();
        _memory = operators.Allocate((long)table.Length * sizeof(float));
        _positions = positions;
        operators.Write(table, Table(positions));
    }

    private static float[] InverseFrequencies(ModelConfig config, float[]? factors)
    {
        int half = config.HeadDim / 2;
        if (factors is not null && factors.Length != half)
            throw new SealException($"rope_freqs.weight has {factors.Length} values; expected {half}, half the head dimension");
        float[] frequencies = new float[half];
        for (int j = 0; j < half; j++)
        {
            float frequency = 1f / (float)Math.Pow(config.RopeTheta, 2f * j / config.HeadDim);
            frequencies[j] = factors is not null ? frequency / factors[j]
                : config.RopeScaling is { } scaling ? Llama3(frequency, scaling)
                : frequency;
        }
        return frequencies;
    }

    /// <summary>Llama 3.1's stretch: long waves are slowed by the factor, short ones kept, a linear blend between.</summary>
    private static float Llama3(float frequency, Llama3RopeScaling scaling)
    {
        double wavelength = 2 * Math.PI / frequency;
        double longest = scaling.OriginalMaxPositions / scaling.LowFreqFactor;
        double shortest = scaling.OriginalMaxPositions / scaling.HighFreqFactor;
        if (wavelength < shortest)
            return frequency;
        if (wavelength > longest)
            return (float)(frequency / scaling.Factor);
        double blend = (scaling.OriginalMaxPositions / wavelength - scaling.LowFreqFactor) / (scaling.HighFreqFactor - scaling.LowFreqFactor);
        return (float)((1 - blend) * frequency / scaling.Factor + blend * frequency);
    }
}
