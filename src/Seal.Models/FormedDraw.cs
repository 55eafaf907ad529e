using Seal.Kernels;
using Seal.Models.Text;

namespace Seal.Models;

/// <summary>
/// Draws a token among those that a form allows: probabilities are renormalised over them, then temperature, top-k and top-p are as
/// ever. On the host, for one row at a time: the few tokens of a form are not worth an operator.
/// </summary>
internal sealed class FormedDraw(Transformer transformer)
{
    private readonly List<int> _ids = [];
    private float[] _logits = [];
    private float[] _allowed = [];

    /// <param name="logits">[1, vocabulary].</param>
    public int Draw(DeviceBuffer logits, TokenForm form, int state, SamplingRow rule)
    {
        if (_logits.Length < transformer.Config.Vocabulary)
            (_logits, _allowed) = (new float[transformer.Config.Vocabulary], new float[transformer.Config.Vocabulary]);
        transformer.Operators.Read(logits, _logits.AsSpan(0, transformer.Config.Vocabulary));
        _ids.Clear();
        foreach (int id in form.Allowed(state))
            Add(id);
        if (form.MayEnd(state))
            foreach (int end in transformer.Config.EosTokenIds)
                Add(end);
        return _ids[Sampling.Draw(_allowed.AsSpan(0, _ids.Count), rule)];
    }

    private void Add(int id)
    {
        if (id >= transformer.Config.Vocabulary)
            return; // the tokenizer knows a token that the model has no row for
        _allowed[_ids.Count] = _logits[id];
        _ids.Add(id);
    }
}
