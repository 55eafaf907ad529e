using System.Buffers;
using Seal.Kernels;

namespace Seal.Models.Text;

/// <summary>
/// A <see cref="TextForm"/> spelled in a tokenizer's vocabulary: which tokens may come next. Any spelling of a text will do, special tokens
/// excepted. The lists are made when a state is first met, then kept.
/// </summary>
public sealed class TokenForm
{
    private readonly TextForm _form;
    private readonly byte[][] _bytes; // of every token; empty for those that no text is spelled with
    private readonly int[][] _byFirst = new int[256][];
    private readonly int[]?[] _allowed;

    public TokenForm(TextForm form, Tokenizer tokenizer)
    {
        _form = form;
        _allowed = new int[]?[form.States];
        _bytes = new byte[tokenizer.VocabularySize][];
        var buffer = new ArrayBufferWriter<byte>();
        for (int id = 0; id < _bytes.Length; id++)
        {
            buffer.ResetWrittenCount();
            if (!tokenizer.IsSpecial(id))
                tokenizer.AppendBytes(id, buffer);
            _bytes[id] = buffer.WrittenSpan.ToArray();
        }
        ILookup<int, int> byFirst = Enumerable.Range(0, _bytes.Length).Where(id => _bytes[id].Length > 0).ToLookup(id => (int)_bytes[id][0]);
        for (int b = 0; b < 256; b++)
            _byFirst[b] = [.. byFirst[b]];
    }

    /// <summary>Where every text begins.</summary>
    public static int Start => TextForm.Start;

    /// <summary>No text takes more tokens than this.</summary>
    public int LongestTokens => _form.Longest;

    public int Next(int state, int token) => _form.Next(state, _bytes[token]);

    public bool MayEnd(int state) => _form.MayEnd(state);

    public bool MustEnd(int state) => _form.MustEnd(state);

    /// <summary>The tokens that may come next, in rising order.</summary>
    /// <exception cref="SealException">The vocabulary has none.</exception>
    public ReadOnlySpan<int> Allowed(int state)
    {
        if (_allowed[state] is { } known)
            return known;
        var allowed = new List<int>();
        for (int b = 0; b < 256; b++)
            if (_form.Next(state, (byte)b) >= 0)
                allowed.AddRange(_byFirst[b].Where(id => _form.Next(state, _bytes[id]) >= 0));
        if (allowed.Count == 0 && !_form.MayEnd(state))
            throw new SealException("the tokenizer's vocabulary cannot spell the form that was asked for: some byte of it has no token; sample without a form");
        allowed.Sort();
        return _allowed[state] = [.. allowed];
    }
}
