namespace Seal.Models.Text;
public sealed class ChatTemplate { public static ChatTemplate Parse(string s,string n)=>new(); public string Render(IReadOnlyDictionary<string,object?> v)=>""; public string Render(IEnumerable<ChatMessage> m,bool addGenerationPrompt,string? bos,string? eos)=>""; }
public sealed record ChatMessage(string Role,string Content);
public sealed class ChatTemplateException : Exception;
