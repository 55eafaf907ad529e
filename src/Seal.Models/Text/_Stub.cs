using Seal.Models.Formats;
namespace Seal.Models.Text;
public sealed class Tokenizer { public static Tokenizer From(TokenizerSource s)=>new(); public static Tokenizer FromJson(string a,string? b,string c)=>new(); public int[] Encode(string t)=>[]; public string Decode(ReadOnlySpan<int> i, bool skipSpecial=false)=>""; }
public sealed class StreamingDecoder(Tokenizer t){ public string Add(int x)=>t.ToString()!; }
public sealed class ChatTemplate { public static ChatTemplate Parse(string s,string n)=>new(); public string Render(IReadOnlyDictionary<string,object?> v)=>""; }
public sealed class ChatTemplateException : Exception;
