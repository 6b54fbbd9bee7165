namespace FedQueue.System.Tests;

/// <summary>A test that needs Docker and the images; <c>./test.sh</c> sets them up and says so in FEDQUEUE_DOCKER.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DockerFactAttribute : FactAttribute
{
    public DockerFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("FEDQUEUE_DOCKER") != "1")
            Skip = "There is no Docker; ./test.sh sets it up.";
    }
}
